"""Whether each remote can be reached and pushed to, and what it can; nothing is changed there.

A dry run of a push opens the same connection as a push: host key, login, repository and the access layer's permission to
write are all needed for it. It ends where the first change would be sent. What the remote tells about itself on the way is
read from git's own trace; gitprotocol-capabilities(5). Its clock is not among that.
"""

import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit.api import Check, Failure, failures, git_over_network, plain
from hookkit_plugins.mirror import porcelain
from hookkit_plugins.mirror.doctor.next_step import next_step
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.refs import OWN
from hookkit_plugins.mirror.remotes import Remote

# Beside connecting: login, and the list of refs.
_ANSWER = 20.0
_LONGEST = 60.0
_OLDEST = (2, 39)
# In the first line that the remote sends, after its first ref.
_CAPABILITIES = re.compile(r"push< \S+ [^\n]*?\\0(?P<words>[^\n]*)")


class Answer(NamedTuple):
    """What a remote said.

    :param failure: why nothing can be pushed to it, None if something can.
    :param software: what it calls itself, such as ``git/2.39.5``.
    :param push_options: it takes push options.
    """

    failure: Failure | None
    software: str = ""
    push_options: bool = False


def checks(subject: Subject) -> Iterator[Check]:
    """One check per remote, all asked at the same time."""
    answers: dict[str, Answer] = {}
    broken: list[BaseException] = []

    def work(remote: Remote) -> None:
        try:
            answers[remote.name] = ask(subject, remote)
        except Exception as error:  # handed to the caller, below
            broken.append(error)

    threads = [threading.Thread(target=work, args=(remote,), daemon=True) for remote in subject.remotes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    for remote in subject.remotes:
        yield judged(subject, remote, answers[remote.name])


def ask(subject: Subject, remote: Remote) -> Answer:
    """Begin a push to ``remote`` and end it before anything is sent."""
    connect = subject.settings.connect_timeout
    push, *rest = porcelain.arguments([Change(f"{OWN}doctor", None, None)], ())
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace")
        result = git_over_network(
            subject.repo,
            *(push, "--dry-run", *rest),
            timeout=min(subject.settings.deadline, connect + _ANSWER, _LONGEST),
            config=(*remote.config, ("push.pushOption", "")),
            connect_timeout=connect,
            environ={"GIT_TRACE_PACKET": str(trace)},
        )
        said = read(trace.read_bytes() if trace.exists() else b"")
    return said or Answer(failures.classify(result.status, result.stderr, result.seconds))


def read(trace: bytes) -> Answer | None:
    """What the remote told about itself; None if it told nothing. Pure."""
    found = _CAPABILITIES.search(trace.decode("utf-8", "replace"))
    if found is None:
        return None
    words = plain(found["words"]).split()
    agent = next((word.removeprefix("agent=") for word in words if word.startswith("agent=")), "")
    return Answer(None, agent[:60], "push-options" in words)


def judged(subject: Subject, remote: Remote, answer: Answer) -> Check:
    """The check that ``answer`` comes to. Pure."""
    name = f"remote {remote.name}"
    if answer.failure is not None:
        return Check(name, "problem", str(answer.failure), next_step(subject, remote, answer.failure))
    said = f"can be pushed to ({answer.software or 'it does not say what it runs'}"
    version = re.match(r"git/(\d+)\.(\d+)", answer.software)
    if remote.kind == "peer" and version and (int(version[1]), int(version[2])) < _OLDEST:
        cause = f"{said}), but hookkit needs git {'.'.join(map(str, _OLDEST))} there as well"
        return Check(name, "warning", cause, "upgrade git there")
    if answer.push_options:
        return Check(name, "ok", f"{said}, takes push options)")
    if remote.kind == "peer":
        cause = f"{said}), but takes no push options: what it was sent it sends on to servers that have it already"
        return Check(name, "warning", cause, "there: git config receive.advertisePushOptions true")
    return Check(name, "ok", f"{said}, takes no push options)")
