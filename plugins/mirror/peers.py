"""What travels between peers beside what is pushed: the journals that they have and this repository has not."""

import threading
from collections.abc import Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from hookkit.api import Failure, Kind, Push, Repository, announce, announce_from_thread, has_plugins
from hookkit_plugins.mirror import hookspecs, noted
from hookkit_plugins.mirror.comparing import Refs, called
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.refs import JOURNALS, OWN
from hookkit_plugins.mirror.remotes import Remote, file_name
from hookkit_plugins.mirror.retry import Deadline, DeliveryError
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Outbox

# What fetching fails with where nothing can be written.
_HERE = (Kind.DISK_FULL, Kind.READ_ONLY)
_INCOMING = f"{OWN}incoming/"


def receive(
    repo: Repository,
    chosen: MirrorSettings,
    everyone: Sequence[Remote],
    outbox: Outbox,
    deadline: Deadline,
    say: Callable[[str], None],
    seen: MutableMapping[str, Refs],
) -> bool:
    """Fetch the journals of the peers among ``everyone`` and hand them to the plugin that keeps them.

    :param seen: is given the refs of the peers that answered.
    :param say: is told, in lines, what people should know.
    :returns: whether all that was fetched was taken, and carried out.
    """
    peers = [remote for remote in everyone if chosen.journals and remote.kind == "peer"]
    if not peers or not has_plugins(repo, hookspecs.hookkit_mirror_received):
        return True
    ours = repo.refs(JOURNALS)

    def fetch(remote: Remote) -> dict[str, str] | Failure:
        own = outbox.another()
        try:
            link = Link(repo, chosen, remote, own, deadline)
            seen[remote.name] = link.refs()
            return _fetched(repo, link, remote, ours, seen[remote.name])
        except DeliveryError as error:
            return error.failure
        finally:
            own.close()

    with ThreadPoolExecutor(min(chosen.jobs, len(peers))) as pool:
        answers = dict(zip((remote.name for remote in peers), pool.map(fetch, peers), strict=True))
    fetched = {name: journals for name, journals in answers.items() if not isinstance(journals, Failure)}
    # Of others the delivery that follows meets the same, and says so.
    unwritten = {name: each for name, each in answers.items() if isinstance(each, Failure) and each.kind in _HERE}
    for name, failure in unwritten.items():
        if noted.is_new(line := f"hookkit: {name}  its journals cannot be fetched: {failure.cause}"):
            say(line)
    if not fetched:
        return not unwritten
    try:
        return _handed_over(repo, fetched, chosen.deadline, say) and not unwritten
    finally:
        refs = [ref for journals in fetched.values() for ref in journals.values()]
        if refs:
            repo.git("update-ref", "--stdin", stdin="".join(f"delete {ref}\n" for ref in refs).encode())


def _fetched(repo: Repository, link: Link, remote: Remote, ours: Refs, refs: Refs) -> dict[str, str]:
    """The nodes whose journals ``remote``, which has ``refs``, has further than here, and where they were fetched into."""
    theirs = {ref: oid for ref, oid in refs.items() if ref.startswith(JOURNALS)}
    news = {
        oid: (ref, f"{_INCOMING}{file_name(remote.name)}/{ref.removeprefix(JOURNALS)}")
        for ref, oid in theirs.items()
        if ours.get(ref) != oid and not (ref in ours and repo.is_ancestor(oid, ours[ref]))
    }
    if news:
        link.fetch(news)
    return {there.removeprefix(JOURNALS): here for there, here in news.values()}


def _handed_over(
    repo: Repository, fetched: dict[str, dict[str, str]], seconds: float, say: Callable[[str], None]
) -> bool:
    taken = True
    for said in called(repo, hookspecs.hookkit_mirror_received, seconds, fetched=fetched):
        answer = said.answer or {}
        if said.failed:
            say(f"hookkit: plugin {said.plugin} has not taken what the peers have: {said.failed}")
        for line in filter(noted.is_new, [*answer.get("notes", ()), *answer.get("problems", ())]):
            say(line)
        for peer, reason in answer.get("refused", {}).items():
            say(f"hookkit: {peer}  {reason}")
        taken = taken and not said.failed and not answer.get("refused") and not answer.get("problems")
        _announce(repo, [Push.restored(each) for each in answer.get("pushes", ())], said.plugin, seconds)
    return taken


def _announce(repo: Repository, pushes: Sequence[Push], by: str, seconds: float) -> None:
    if threading.current_thread() is threading.main_thread():
        announce(repo, pushes, by)
    else:
        announce_from_thread(repo, pushes, by, within=seconds)
