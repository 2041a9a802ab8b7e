"""Configuration of remotes that does harm as soon as somebody types ``git fetch`` or ``git push`` in a bare repository.

hookkit's own commands do not read it.
"""

import shlex
from collections.abc import Iterator

from hookkit.api import Check
from hookkit_plugins.mirror.doctor.subject import Subject

_HARMLESS = "refs/remotes/"


def checks(subject: Subject) -> Iterator[Check]:
    """What ``git clone --mirror`` and ``git remote add`` have left."""
    if subject.repo.work_tree is not None:
        return
    names = list(dict.fromkeys(remote.of for remote in subject.remotes))
    found = [check for name in names for check in _of(subject, name)]
    yield from found or ([Check("refspecs", "ok", "no remote has one")] if names else [])


def _of(subject: Subject, name: str) -> Iterator[Check]:
    config, prefix = subject.repo.config, f"remote.{name}."
    fetch = [entry.value or "" for entry in config.every(f"{prefix}fetch")]
    targets = [value.partition(":")[2] for value in fetch if ":" in value and not value.startswith("^")]
    key = shlex.quote(f"{prefix}fetch")
    dangerous = [target for target in targets if not target.startswith(_HARMLESS)]
    if dangerous:
        cause = (
            f"{prefix}fetch = {', '.join(fetch)}: `git fetch` and `git remote update` overwrite what was pushed here"
        )
        yield Check(f"fetch refspec of {name}", "problem", cause, f"{subject.git} config --unset-all {key}")
    elif targets:
        cause = f"`git fetch {name}` and `git push {name}` leave copies of its branches here, below {_HARMLESS}{name}"
        yield Check(f"fetch refspec of {name}", "warning", cause, f"{subject.git} config --unset-all {key}")
    mirror = config.last(f"{prefix}mirror")
    if mirror is not None and (mirror.value or "true").lower() not in ("false", "no", "off", "0"):
        cause = f"{prefix}mirror is set: `git push {name}` by hand deletes there what it does not find here"
        key = shlex.quote(f"{prefix}mirror")
        yield Check(f"mirror = true of {name}", "warning", cause, f"{subject.git} config --unset-all {key}")
