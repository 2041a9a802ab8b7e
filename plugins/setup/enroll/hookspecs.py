"""What other plugins can implement to have further kinds of servers enrolled at."""

from collections.abc import Mapping, Sequence

from hookkit.api import Repository, hookspec


@hookspec
def hookkit_setup_enroll_backends(repo: Repository, folder: str) -> Mapping[str, bool] | None:
    """The kinds of servers that ``hookkit setup enroll`` knows by this plugin: name, and whether ``folder`` is of one.

    ``folder``: what is committed in a clone of an admin repository, or a folder that is not in git.
    """


@hookspec
def hookkit_setup_enroll_plan(
    repo: Repository, backend: str, folder: str, keys: Mapping[str, str], repos: Sequence[str], group: str
) -> Mapping[str, object] | None:
    """What ``hookkit setup enroll`` is to change in ``folder``; None if ``backend`` is not this plugin's. It writes nothing.

    ``keys``: account to public key, one line each; ``repos``: globs; ``group``: what the accounts are to be a group of.

    The answer may have: ``files`` (path below ``folder`` to its whole new text, bytes that are not UTF-8 as surrogates;
    what is the same already need not be left out), ``refused`` (reasons, with which nothing is written), ``repositories``
    (names, of those that access is given to), ``notes``, ``versioned`` (true unless said: the change is committed and
    pushed), ``complaint`` (a regular expression for what the server says to a push whose content it does not take),
    ``requests`` (if not versioned: commands, as ``argv`` and ``environ``, that must succeed when the files are written;
    their input is a flush packet of git's protocol), ``way_back`` (commands for the server, to be shown if it no longer
    answers and takes no push; ``{old}`` and ``{branch}`` are filled in).
    """


SPECS = (hookkit_setup_enroll_backends, hookkit_setup_enroll_plan)
