"""What the lab takes from :mod:`hookkit.testing.account`."""

from hookkit.testing.account import BIN, HOOKKIT, USER, Account

__all__ = ["BIN", "HOOKKIT", "USER", "Account"]
