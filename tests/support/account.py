"""What the lab takes from :mod:`hookkit.testing.account`."""

from hookkit.testing.account import BIN, USER, Account

__all__ = ["BIN", "USER", "Account"]
