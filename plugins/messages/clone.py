"""In a clone: the message that somebody has just written."""

import os
from pathlib import Path

from hookkit.api import Refusal, Repository
from hookkit_plugins.messages import settings
from hookkit_plugins.messages.rules import problems, without_patch


def check(repo: Repository, path: Path) -> Refusal | None:
    """Refuse the message in the file ``path`` if there is something wrong with it.

    :raises ConfigError: a rule is not allowed.
    """
    if (repo.git_dir / "MERGE_HEAD").exists() and not repo.settings("messages").get(settings.MERGES):
        return None
    message = _cleaned(repo, path.read_bytes())
    # git itself refuses an empty one, or was told not to.
    found = list(problems(message, settings.read(repo))) if message.strip() else []
    if not found:
        return None
    kept = os.path.relpath(path)
    return Refusal("\n".join([*found, f"the message is kept; to change it: git commit --edit --file {kept}"]))


def _cleaned(repo: Repository, written: bytes) -> str:
    """What git will make of it; git-commit(1), ``--cleanup``."""
    text = without_patch(written.decode("utf-8", "replace"))
    # Without an editor, which git says so (githooks(5)), a line that begins with # is no comment.
    if os.environ.get("GIT_EDITOR") == ":":
        return text
    stripped = repo.git("stripspace", "--strip-comments", stdin=text.encode("utf-8", "replace"))
    return stripped.stdout.decode("utf-8", "replace")
