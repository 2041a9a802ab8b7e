"""What the lab takes from :mod:`hookkit.testing.requirements`."""

from hookkit.testing.requirements import REQUIRE_REAL, SYSTEM_PATH, missing, program, require

__all__ = ["REQUIRE_REAL", "SYSTEM_PATH", "missing", "program", "require"]
