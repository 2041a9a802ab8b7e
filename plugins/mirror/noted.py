"""What people were told already: two nodes say the same about one conflict, and nobody needs to hear it twice."""

# A plugin is called in a process that is forked from the one that asks it, which so knows what that has said.
_said: set[str] = set()


def is_new(note: str) -> bool:
    """Whether ``note`` was not said before, by this process or the one that it was forked from; it is now."""
    if note in _said:
        return False
    _said.add(note)
    return True
