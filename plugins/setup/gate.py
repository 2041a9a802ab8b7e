"""What a key that ``hookkit setup enroll`` has let in may do: fetch from and push to the named repositories, nothing else.

``python -I -X utf8 -m hookkit_plugins.setup.gate FOLDER REPOSITORY...`` is the forced command of its line in
``authorized_keys``; sshd(8). What was asked for is compared, never interpreted: what is not exactly one of the requests
that git makes for one of the repositories is refused.
"""

import os
import sys
from collections.abc import Sequence

_SERVICES = {f"git{separator}{service}": service for separator in "- " for service in ("upload-pack", "receive-pack")}


def wanted(request: str, folder: str, repositories: Sequence[str]) -> tuple[str, str] | None:
    """The service that ``request`` asks for and the repository, by its full path; None: it must not have that.

    :param request: ``SSH_ORIGINAL_COMMAND``.
    :param repositories: their places below ``folder``.
    """
    command, quote, rest = request.partition(" '")
    if command not in _SERVICES or not quote or not rest.endswith("'"):
        return None
    spelled: dict[str, str] = {}
    # In full first: one that is called like another without .git is not in its way.
    for ending in ("", ".git"):
        for place in repositories:
            if place.endswith(ending):
                for prefix in ("", "~/", f"{folder}/"):
                    spelled.setdefault(f"{prefix}{place.removesuffix(ending)}", place)
    place = spelled.get(rest[:-1], "")
    return (_SERVICES[command], f"{folder}/{place}") if place else None


def main() -> None:
    """Become git, or refuse."""
    folder, *repositories = sys.argv[1:]
    request = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    found = wanted(request, folder, repositories)
    if found is None:
        what = f"{request[:200]!r} is not allowed" if request else "this key has no shell"
        sys.exit(f"DENIED by hookkit: {what}: git fetch and git push only, for {' '.join(repositories)}")
    service, path = found
    os.execvp("git", ("git", service, path))  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main()
