"""What the lab takes from :mod:`hookkit.testing.sshd`."""

from hookkit.testing.sshd import Sshd, make_key

__all__ = ["Sshd", "make_key"]
