"""On a server: the messages of the commits that a push brings."""

from collections.abc import Iterable

from hookkit.api import Push, RefPatterns, RefUpdate, Refusal, Repository, one_line
from hookkit_plugins.messages import settings
from hookkit_plugins.messages.rules import message_of, problems

# More commits than these are counted, not named.
_NAMED = 10


def check(repo: Repository, push: Push) -> Refusal | None:
    """Refuse ``push`` if a commit that is new to the refs that are checked has a message that is not as it must be.

    :raises ConfigError: a rule is not allowed.
    """
    chosen = repo.settings("messages")
    if push.pusher in {name for line in chosen.get(settings.EXEMPT) for name in line.split()}:
        return None
    rules = settings.read(repo)
    checked = RefPatterns(chosen.get(settings.REFS))
    updates = [update for update in push.updates if not update.deletes and update.ref in checked]
    if not updates:
        return None
    merges = () if chosen.get(settings.MERGES) else ("--no-merges",)
    new = list(
        dict.fromkeys(oid for each in _questions(updates, checked, repo.refs()) for oid in _listed(repo, each, merges))
    )
    refused: list[str] = []
    for oid, commit in zip(new, repo.contents(new), strict=True):
        message = message_of(commit)
        if found := list(problems(message, rules)):
            subject = one_line(message.strip("\n").partition("\n")[0], 60)
            refused.append(f"{oid[:7]} {subject!r}: {'; '.join(found)}")
    if not refused:
        return None
    return Refusal("\n".join(words(refused, len(new))))


def _questions(updates: Iterable[RefUpdate], checked: RefPatterns, refs: dict[str, str]) -> Iterable[list[str]]:
    """What is new, as revisions for git. Pure.

    What a ref that is not checked has, a tag say, is new to those that are, or anybody could bring it there by two pushes.
    A ref that is made begins with what some branch has.
    """
    had = [f"^{oid}" for ref, oid in refs.items() if ref in checked]
    moved = [update.new for update in updates if not update.creates]
    made = [update.new for update in updates if update.creates]
    if moved:
        yield [*moved, *had]
    if made:
        yield [*made, *had, *(f"^{oid}" for ref, oid in refs.items() if ref.startswith("refs/heads/"))]


def _listed(repo: Repository, revisions: list[str], flags: Iterable[str]) -> list[str]:
    asked = "".join(f"{each}\n" for each in dict.fromkeys(revisions))
    return repo.git("rev-list", *flags, "--stdin", stdin=asked.encode()).text().split()


def words(refused: list[str], count: int) -> list[str]:
    """What the pusher is told: of ``count`` commits those that are ``refused``, a line each. Pure."""
    if len(refused) == 1:
        what = "the message of 1 new commit is not as it must be here"
    else:
        what = f"the messages of {len(refused)} new commits are not as they must be here"
    of = f" (of {count})" if count > len(refused) else ""
    more = [f"and {len(refused) - _NAMED} more"] if len(refused) > _NAMED else []
    hint = "to change the last one: git commit --amend; older ones: git rebase --interactive"
    return [what + of, *refused[:_NAMED], *more, hint]
