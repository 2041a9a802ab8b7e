"""Whether the configuration that ``hookkit install`` sets for plugins is still in force."""

from collections.abc import Iterator

from hookkit.gitconfig import Entry
from hookkit.installation import install, needs
from hookkit.repository import Repository
from hookkit.shortcut import FALSE, TRUE
from hookkit.values import Check


def checks(repo: Repository) -> Iterator[Check]:
    """One check per key."""
    for key, wanted in needs.of(repo).settings.items():
        yield _check(repo, key, wanted, repo.config.last(key))


def _check(repo: Repository, key: str, wanted: str, entry: Entry | None) -> Check:
    name = f"setting {key}"
    if entry is None:
        cause = f"it is not set any more; install sets it to {wanted}"
        return Check(name, "problem", cause, "hookkit install", lambda: install(repo))
    value = "true" if entry.value is None else entry.value
    if value == wanted:
        return Check(name, "ok", value)
    cause = f"{entry.place} sets it to {value!r}; install sets it to {wanted}"
    if wanted in TRUE | FALSE:
        if any({value.lower(), wanted} <= words for words in (TRUE, FALSE)):
            return Check(name, "ok", value)
        return Check(name, "problem", cause, "hookkit install", lambda: install(repo))
    # What is not yes or no may say more than that, on purpose: that is for a person to judge.
    return Check(name, "warning", cause, "if that was not meant: hookkit install")
