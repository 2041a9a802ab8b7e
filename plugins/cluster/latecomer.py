"""What git has not done for a push that it has carried out: post-receive is called, as git would have."""

import os
import sys
from pathlib import Path

from hookkit.api import Repository, is_zero
from hookkit_plugins.cluster import marks


def main() -> None:
    """``sys.argv[1]`` is the file in which the push is written down; the environment is that of its pre-receive."""
    repo = Repository.of_hook()
    mark = marks.read(Path(sys.argv[1]))
    if mark is None:
        return
    now = repo.resolve([each.ref for each in mark.updates])
    moved = [each for each in mark.updates if now.get(each.ref) == (None if is_zero(each.new) else each.new)]
    mark.path.unlink(missing_ok=True)
    if not moved:
        # It was refused.
        marks.remove(repo, mark.updates)
        return
    updates = os.memfd_create("updates")
    with open(updates, "wb", closefd=False) as file:
        file.write(os.fsencode("".join(f"{each.old} {each.new} {each.ref}\n" for each in moved)))
        file.seek(0)
    os.dup2(updates, 0)
    hook = os.fspath(Path(repo.git("rev-parse", "--git-path", "hooks/post-receive").text()).absolute())
    if os.access(hook, os.X_OK):
        os.execv(hook, [hook])  # noqa: S606
    # From git's configuration, where git is so new that it can be there.
    os.execvp("git", ["git", "hook", "run", "--to-stdin=/dev/stdin", "post-receive"])  # noqa: S606
