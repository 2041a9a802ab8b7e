"""A remote that leads back to the repository: copied from another server's configuration, usually."""

import shlex
from collections.abc import Iterator

from hookkit.api import Check
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.urls import parts


def checks(subject: Subject) -> Iterator[Check]:
    """Those that are paths: where an ssh URL ends, only the other side knows."""
    for remote in subject.remotes:
        found = parts(remote.url)
        path = remote.url if found is None else found[3] if found[0] == "file://" else ""
        if path and _is_here(subject, path):
            cause = f"{remote.url} is this repository: nothing is mirrored by pushing to it"
            hint = f"{subject.git} remote set-url {shlex.quote(remote.of)} URL"
            yield Check(f"target of {remote.name}", "problem", cause, hint)


def _is_here(subject: Subject, path: str) -> bool:
    repo = subject.repo
    there = repo.locate(path)
    try:
        return any(repo.git_dir.samefile(each) for each in (there, there / ".git"))
    except OSError:
        return False
