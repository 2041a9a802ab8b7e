"""Judging one push by the rules of its repository."""

from hookkit.api import Push, RefUpdate, Refusal, Repository, one_line
from hookkit_plugins.protect import settings
from hookkit_plugins.protect.rules import Facts, objection


def judge(repo: Repository, push: Push) -> Refusal | None:
    """Refuse ``push`` if it does what must not be done; every ref that is in its way is named.

    :raises ConfigError: a rule is not allowed.
    """
    rules = settings.read(repo)
    facts = Facts(repo.is_ancestor, lambda update: unsigned(repo, update))
    found = [said for update in push.updates if (said := objection(update, push.pusher, rules, facts))]
    if not found:
        return None
    if len(push.updates) > len(found):
        found.append("nothing of this push was accepted; push the other refs by themselves")
    return Refusal("\n".join(found))


def unsigned(repo: Repository, update: RefUpdate) -> str | None:
    """Why what ``update`` brings has no good signature here; None: it has."""
    kind = repo.object_types([update.new]).get(update.new)
    if kind not in ("tag", "commit"):
        return f"a {kind or 'missing object'} cannot be"
    if kind == "commit" and update.ref.startswith("refs/tags/"):
        return "make a signed tag with: git tag -s"
    done = repo.git(f"verify-{kind}", update.new, check=False)
    if done.status == 0:
        return None
    lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return one_line(lines[-1].removeprefix("error: ") if lines else "no signature was found", 120)
