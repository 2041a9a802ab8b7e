"""The backends that ship with hookkit, behind the same hooks as all others; and the one that is meant, whoever has it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hookkit.api import HookkitError, PluginError, Repository, UsageError, call_plugins, nearest, terminal
from hookkit_plugins.setup import keys as public_keys
from hookkit_plugins.setup.enroll import gitolite, gitosis, hookspecs, ssh
from hookkit_plugins.setup.enroll import plan as plans
from hookkit_plugins.setup.enroll.plan import Plan
from hookkit_plugins.setup.keys import PublicKey

_RECOGNISES = {"gitosis": gitosis.recognises, "gitolite": gitolite.recognises, "ssh": ssh.recognises}
_PLANS: dict[str, Callable[[Path, Mapping[str, PublicKey], Sequence[str], str], Plan]] = {
    "gitosis": gitosis.plan,
    "gitolite": gitolite.plan,
    "ssh": ssh.plan,
}


def recognised(folder: str) -> dict[str, bool]:
    """Our backends, and whether ``folder`` is of one."""
    return {name: recognises(Path(folder)) for name, recognises in _RECOGNISES.items()}


def own_plan(
    backend: str, folder: str, keys: Mapping[str, str], repos: Sequence[str], group: str
) -> dict[str, object] | None:
    """What one of ours has to change; None: it is not ours."""
    if backend not in _PLANS:
        return None
    try:
        if not _RECOGNISES[backend](Path(folder)):
            raise UsageError(f"this is not a folder that {backend} is configured by")
        parsed = {name: public_keys.parse(line, name) for name, line in keys.items()}
        return _PLANS[backend](Path(folder), parsed, repos, group).answer()
    except OSError as error:
        return Plan({}, refused=(str(error),)).answer()
    except HookkitError as error:
        reason = f"{error.message}: {error.cause}" if error.cause else error.message
        return Plan({}, refused=(f"{reason}; {error.hint}" if error.hint else reason,)).answer()


def choose(repo: Repository, folder: Path, wanted: str | None) -> str:
    """The backend that is meant.

    :param repo: where plugins are asked.
    :param wanted: its name; None: the one that recognises ``folder``.
    :raises UsageError: there is none, or more than one.
    """
    known: dict[str, bool] = {}
    for said in call_plugins(repo, hookspecs.hookkit_setup_enroll_backends, folder=str(folder)):
        if said.failed or not isinstance(said.answer, dict | None):
            terminal.warn(f"plugin {said.plugin} does not say what it can enroll at: {said.failed or 'no dictionary'}")
        else:
            known |= {name: bool(found) for name, found in (said.answer or {}).items()}
    if wanted is not None:
        if wanted in known:
            return wanted
        meant = nearest(wanted, [*known])
        hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(known)}"
        raise UsageError(f"there is no backend {wanted!r}", hint=hint)
    found = [name for name, recognises in known.items() if recognises]
    if len(found) != 1:
        what = f"may be of {' or '.join(found)}" if found else f"is of none of these: {', '.join(known)}"
        hint = (
            "name it: --backend NAME" if found else "--admin is the top of a clone of the admin repository, or ~/.ssh"
        )
        raise UsageError(f"the folder {what}", hint=hint)
    return found[0]


def ask(
    repo: Repository, backend: str, folder: Path, keys: Mapping[str, str], globs: Sequence[str], group: str
) -> Plan:
    """What the backend has to change in ``folder``.

    :raises PluginError: it gives no answer.
    :raises UsageError: it refuses.
    """
    spec = hookspecs.hookkit_setup_enroll_plan
    asked = call_plugins(repo, spec, backend=backend, folder=str(folder), keys=keys, repos=globs, group=group)
    for said in asked:
        if said.failed:
            raise PluginError(f"plugin {said.plugin} does not plan the enrolment", cause=said.failed)
        if said.answer is not None:
            found = plans.read(said.plugin, said.answer)
            if found.refused:
                raise UsageError("nothing is enrolled, nothing is changed", cause="\n".join(found.refused))
            return found
    raise PluginError(f"no plugin answers for the backend {backend}")
