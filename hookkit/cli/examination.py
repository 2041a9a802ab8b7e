"""Everything that ``hookkit doctor`` looks at: the core's own checks, those of the configuration, and those of plugins."""

from collections.abc import Iterator, Sequence
from functools import partial

from hookkit.cli.loading import Here
from hookkit.cli.options import mistakes
from hookkit.cli.plugin_rows import PluginRow, rows
from hookkit.discovery import cached
from hookkit.doctor import EXAMINATIONS, Examination, asking
from hookkit.doctor.findings import Finding, judged, looked, settled
from hookkit.errors import ConfigError, PluginError
from hookkit.installation import needs
from hookkit.repository import Repository
from hookkit.values import Check

_CONFIGURATION = "configuration"


def examine(repo: Repository, *, fix: bool) -> list[Finding]:
    """What is right and what is wrong with ``repo``; with ``fix``, after what can be fixed was fixed."""
    found = _look(repo, fix=fix)
    if not any(each.tried for each in found):
        return found
    repo.reload()
    return settled(found, _look(repo, fix=False))


def _look(repo: Repository, *, fix: bool) -> list[Finding]:
    listed = rows(Here(repo, repo.config, cached(repo)), look_at_all=False)
    looks: dict[str, Examination] = {
        **EXAMINATIONS,
        _CONFIGURATION: _configuration,
        "plugins": partial(_plugins, listed=listed),
    }
    checks = [check for name, look in looks.items() for check in looked(name, partial(look, repo))]
    found = judged("hookkit", _once(checks), fix=fix)
    for row in listed:
        if row.found is not None and row.enabled and not row.problem:
            found += asking.findings(repo, row.found, fix=fix)
    return found


def _once(checks: Sequence[Check]) -> list[Check]:
    """``checks`` without those that came to no result because of a mistake in the configuration, which is among them."""
    mistaken = {each.cause for each in checks if each.name == _CONFIGURATION}
    return [each for each in checks if each.name == _CONFIGURATION or each.cause not in mistaken]


def _configuration(repo: Repository) -> Iterator[Check]:
    wrong = [each for each in mistakes(Here(repo, repo.config, cached(repo))) if not isinstance(each, PluginError)]
    for each in wrong:
        cause = f"{each.message} ({each.cause})" if each.cause else each.message
        command = each.command if isinstance(each, ConfigError) else None
        hint = each.hint or ""
        if command:
            hint += f"{' ' if hint.endswith('?') else '; '}{command}"
        yield Check(_CONFIGURATION, "problem", cause, hint)
    if not wrong:
        yield Check(_CONFIGURATION, "ok", "no mistakes")


def _plugins(repo: Repository, listed: Sequence[PluginRow]) -> Iterator[Check]:
    """What is wrong with a plugin itself; if nothing is, what it does not tell of its needs."""
    broken = {row.name for row in listed if row.problem}
    for row in listed:
        name = f"plugin {row.name}"
        if row.problem and (row.enabled or row.found is None or row.found.problem):
            # One that is off does no harm.
            verdict = "problem" if row.enabled else "warning"
            yield Check(name, verdict, _cause(row), _what_to_do(row))  # type: ignore[arg-type]
        elif row.enabled and not row.problem:
            yield Check(name, "ok", f"{row.distribution} {row.version}")
    for problem in needs.of(repo).problems:
        if problem.plugin not in broken:
            yield Check(
                f"needs of {problem.plugin}", "problem", problem.text, f"hookkit plugins disable {problem.plugin}"
            )


def _cause(row: PluginRow) -> str:
    if row.found is not None:
        return f"{row.distribution} {row.version}: {row.problem}"
    place = row.setting.place if row.setting else ""
    return f"{row.problem}, but switched on in {place}: hooks that can refuse refuse everything"


def _what_to_do(row: PluginRow) -> str:
    scope = row.setting.scope if row.setting else ""
    flag = f" --{scope}" if scope in ("global", "system") else ""
    if not row.enabled and row.found is not None:
        return f"uninstall {row.distribution}, or have its author correct it"
    return f"hookkit plugins disable{flag} {row.name}"
