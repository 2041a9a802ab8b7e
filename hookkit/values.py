"""The values that hooks speak of. Immutable, without behaviour that needs git."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

ZERO_CHAR = "0"


def is_zero(oid: str) -> bool:
    """Whether ``oid`` is git's "no object" (all zeros; 40 of them for SHA-1, 64 for SHA-256)."""
    return not oid.strip(ZERO_CHAR)


class RefUpdate(NamedTuple):
    """One ref that moved, or is about to: ``old`` and ``new`` are object ids, all zeros for "does not exist"."""

    ref: str
    old: str
    new: str

    @property
    def creates(self) -> bool:
        """The ref did not exist before."""
        return is_zero(self.old)

    @property
    def deletes(self) -> bool:
        """The ref does not exist afterwards."""
        return is_zero(self.new)


class Push(NamedTuple):
    """What one client operation changes.

    :param updates: the refs, in git's order; in ``pre-receive`` all that were asked for, in ``post-receive`` those
        that were accepted.
    :param options: push options (``git push -o``), in the order given; git-push(1).
    :param pusher: who pushed, as the server's access layer names them (gitolite's ``GL_USER``...), else the account.
    :param origin: the node where it was pushed, if a plugin has carried it here from there; None: it was pushed here.
    """

    updates: tuple[RefUpdate, ...]
    options: tuple[str, ...] = ()
    pusher: str | None = None
    origin: str | None = None

    @classmethod
    def restored(cls, data: Sequence[Any]) -> "Push":
        """The push that ``data``, a push as JSON values, is."""
        updates, options, pusher, origin = data
        return cls(tuple(RefUpdate(*update) for update in updates), tuple(options), pusher, origin)


class PushedRef(NamedTuple):
    """One line of ``pre-push``: what is about to be pushed where; githooks(5)."""

    local_ref: str
    local_oid: str
    remote_ref: str
    remote_oid: str


class Rewrite(NamedTuple):
    """One line of ``post-rewrite``: a commit and what it became; githooks(5)."""

    old: str
    new: str


class ProcResult(NamedTuple):
    """The answer of ``proc-receive`` for one ref: accepted, or refused with a reason; githooks(5)."""

    ref: str
    reason: str | None = None


class Refusal(NamedTuple):
    """Returned by a hook that can refuse: nothing happens, and the reason is shown with the plugin's name."""

    reason: str


class Section(NamedTuple):
    """What a plugin adds to ``hookkit status``.

    :param key: the key in ``--json``.
    :param data: what stands there: JSON values only.
    :param title: the table's title, for people.
    :param columns: its column names.
    :param rows: its rows, plain text.
    :param verdicts: what each row is on a terminal that has colours: ``ok``, ``warning`` or ``problem``; none: all are ok.
    """

    key: str
    data: object
    title: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    verdicts: tuple[str, ...] = ()


class Metric(NamedTuple):
    """One number for monitoring; ``hookkit metrics`` adds the labels ``repository`` and ``node``.

    :param name: such as ``hookkit_lint_warnings``, with the unit at its end; that of a counter ends with ``_total``.
    :param help: what it is, in one line: the same for all metrics of that name.
    :param kind: ``gauge`` or ``counter``.
    :param labels: what tells metrics of one name apart: the same names for all of them.
    """

    name: str
    help: str
    kind: Literal["gauge", "counter"]
    value: float
    labels: tuple[tuple[str, str], ...] = ()


Verdict = Literal["ok", "warning", "problem"]
"""``ok``; ``warning``: it works, but somebody should know; ``problem``: something does not work, or is about to do harm."""


class Check(NamedTuple):
    """What ``hookkit doctor`` has looked at, and what came of it.

    :param name: what was looked at, in a few words: the same whatever comes of it.
    :param verdict: ``ok``, ``warning`` or ``problem``.
    :param cause: what is wrong, and why, in one line; if nothing is, what was seen.
    :param hint: the command to type.
    :param fix: does it for those who say ``--fix``; it is looked at again afterwards. It must be safe to do without
        asking, and raises a :class:`~hookkit.errors.HookkitError` if it cannot be done.
    """

    name: str
    verdict: Verdict
    cause: str = ""
    hint: str = ""
    fix: Callable[[], object] | None = None
