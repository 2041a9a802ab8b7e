"""Real servers for tests, demo and benchmarks: :class:`~support.lab.Lab` is the door, everything else is behind it."""
