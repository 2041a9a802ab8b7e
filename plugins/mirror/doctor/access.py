"""Whether each remote can be reached and pushed to, and what it can; nothing is changed there."""

import threading
from collections.abc import Iterator

from hookkit.api import Check, Probed, probe
from hookkit_plugins.mirror.doctor.next_step import next_step
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.remotes import ALIAS, Remote

# Beside connecting: login, and the list of refs.
_ANSWER = 20.0
_LONGEST = 60.0
_OLDEST = (2, 39)


def checks(subject: Subject) -> Iterator[Check]:
    """One check per remote, all asked at the same time."""
    answers: dict[str, Probed] = {}
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


def ask(subject: Subject, remote: Remote) -> Probed:
    """What ``remote`` says when a push to it begins."""
    connect = subject.settings.connect_timeout
    timeout = min(subject.settings.deadline, connect + _ANSWER, _LONGEST)
    return probe(subject.repo, ALIAS, timeout=timeout, connect_timeout=connect, config=remote.config)


def judged(subject: Subject, remote: Remote, answer: Probed) -> Check:
    """The check that ``answer`` comes to. Pure."""
    name = f"remote {remote.name}"
    if answer.failure is not None:
        return Check(name, "problem", str(answer.failure), next_step(subject, remote, answer.failure))
    said = f"can be pushed to ({answer.software or 'it does not say what it runs'}"
    if remote.kind == "peer" and answer.version and answer.version < _OLDEST:
        cause = f"{said}), but hookkit needs git {'.'.join(map(str, _OLDEST))} there as well"
        return Check(name, "warning", cause, "upgrade git there")
    if answer.push_options:
        return Check(name, "ok", f"{said}, takes push options)")
    if remote.kind == "peer":
        cause = f"{said}), but takes no push options: what it was sent it sends on to servers that have it already"
        return Check(name, "warning", cause, "there: git config receive.advertisePushOptions true")
    return Check(name, "ok", f"{said}, takes no push options)")
