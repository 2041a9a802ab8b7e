"""Asking one plugin for its checks, and having it carry out its fixes, in a process of its own."""

from collections.abc import Iterable
from typing import Any

from hookkit.asking import ask
from hookkit.discovery import Found
from hookkit.doctor.findings import Finding, judged
from hookkit.repository import Repository
from hookkit.values import Check

# Its checks may ask other servers, all at the same time.
_SECONDS = 120.0


def findings(repo: Repository, found: Found, *, fix: bool) -> list[Finding]:
    """What ``found`` has looked at in ``repo``; that it does not answer is a finding too."""

    def convert(answer: object) -> dict[str, Any]:
        given = list(answer) if isinstance(answer, Iterable) else []
        if (answer is not None and not isinstance(answer, Iterable)) or not all(isinstance(x, Check) for x in given):
            return {"failed": "hookkit_doctor must return Checks"}
        return {"findings": judged(found.name, given, fix=fix)}

    value, failed = ask(
        found,
        "hookkit_doctor",
        [{"repo": repo}],
        convert,
        doing=f"hookkit_doctor of plugin {found.id} in {repo.git_dir}",
        timeout=_SECONDS,
        emit=lambda _: None,  # what it prints has no place among the findings
    )
    if failed:
        cause = f"its checks are not known: {failed}"
        return [Finding(found.name, f"plugin {found.name}", "problem", cause, f"hookkit plugins disable {found.name}")]
    return [Finding(*fields) for fields in value.get("findings", [])]
