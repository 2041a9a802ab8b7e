"""From checks to findings: fixes are carried out, and whoever fails in that stops nobody else."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hookkit.errors import HookkitError, summary
from hookkit.state import bug
from hookkit.text import one_line
from hookkit.values import Check, Verdict


class Finding(NamedTuple):
    """A check, and what became of it; passes through JSON unchanged.

    :param source: ``hookkit``, or the plugin that looked.
    :param fixable: ``--fix`` can do something about it.
    :param tried: it has.
    :param failed: why that did not work.
    """

    source: str
    name: str
    verdict: Verdict
    cause: str
    hint: str
    fixable: bool = False
    tried: bool = False
    failed: str = ""


def looked(name: str, look: Callable[[], Iterable[Check]]) -> list[Check]:
    """What ``look`` comes to; that it comes to no result is a check that failed.

    :param name: what it looks at.
    """
    found: list[Check] = []
    try:
        found.extend(look())
    except HookkitError as error:
        found.append(Check(name, "problem", summary(error), error.hint or ""))
    except OSError as error:
        found.append(Check(name, "problem", f"cannot be looked at: {error}"))
    except Exception as error:
        mishap = bug(error, f"doctor, {name}")
        found.append(Check(name, "problem", summary(mishap), mishap.hint or ""))
    return found


def judged(source: str, checks: Iterable[Check], *, fix: bool) -> list[Finding]:
    """The findings that ``checks`` come to.

    :param fix: carry out the fixes of what is not ok; only now, so that none hides what another one would have found.
    """
    return [_judged(source, check, fix=fix) for check in list(checks)]


def _judged(source: str, check: Check, *, fix: bool) -> Finding:
    wrong = check.verdict != "ok"
    found = Finding(
        source,
        one_line(check.name),
        check.verdict,
        one_line(check.cause, 500),
        one_line(check.hint, 500) if wrong else "",
        fixable=wrong and check.fix is not None,
    )
    if not fix or not wrong or check.fix is None:
        return found
    try:
        check.fix()
    except HookkitError as error:
        failed = summary(error)
    except OSError as error:
        failed = str(error)
    except Exception as error:
        failed = summary(bug(error, f"doctor --fix, {check.name}"))
    else:
        failed = ""
    return found._replace(tried=True, failed=one_line(failed))


def settled(before: Iterable[Finding], after: Iterable[Finding]) -> list[Finding]:
    """What people see after ``--fix``: what was fixed, and what another look still finds. Pure.

    :param before: what was found, with the fixes that were carried out.
    :param after: what was found then.
    """
    tried = {(each.source, each.name): each for each in before if each.tried}
    left = {(each.source, each.name) for each in after if each.verdict != "ok"}
    fixed = [each._replace(verdict="ok", fixable=False) for key, each in tried.items() if key not in left]
    there = {(each.source, each.name) for each in fixed}
    return fixed + [_still(each, tried) for each in after if (each.source, each.name) not in there]


def _still(found: Finding, tried: dict[tuple[str, str], Finding]) -> Finding:
    before = tried.get((found.source, found.name))
    return found._replace(tried=True, failed=before.failed or "it is still there") if before else found
