"""What ``hookkit doctor`` looks at by itself; plugins add theirs with ``hookkit_doctor``.

One module per thing that can be wrong. Each has a function ``checks(repo)`` and a line in :data:`EXAMINATIONS`; a check
says what was looked at, what is wrong with it, and what to type (:class:`hookkit.values.Check`).
"""

from collections.abc import Callable, Iterable

from hookkit.doctor import account, disk, folders, git_version, hooks, interpreters, locks, settings
from hookkit.repository import Repository
from hookkit.values import Check

Examination = Callable[[Repository], Iterable[Check]]

EXAMINATIONS: dict[str, Examination] = {
    "git": git_version.checks,
    "account": account.checks,
    "hooks": hooks.checks,
    "interpreter": interpreters.checks,
    "settings": settings.checks,
    "locks": locks.checks,
    "folders": folders.checks,
    "disk": disk.checks,
}
"""In the order in which people read them; the names stand for those that come to no result."""
