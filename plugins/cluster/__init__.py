"""The rule by which servers that accept pushes on their own come to the same refs; see :mod:`.resolve`."""
