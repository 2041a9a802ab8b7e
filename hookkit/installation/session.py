"""One installation or uninstallation at a time in a repository."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hookkit.errors import HookkitError
from hookkit.installation import manifest
from hookkit.installation.config_file import ConfigFile
from hookkit.repository import Repository
from hookkit.text import one_line

LOCK = "install.lock"
_WAIT = 30.0

if TYPE_CHECKING:
    from filelock import FileLock


@contextlib.contextmanager
def explained(repo: Repository) -> Iterator[None]:
    """What the file system refuses becomes an error that people understand."""
    try:
        yield
    except OSError as error:
        where = f": {one_line(str(error.filename))}" if error.filename else ""
        raise HookkitError(
            f"cannot change {repo.path}",
            cause=f"{error.strerror or error}{where}",
            hint="run hookkit as the account that owns the repository",
        ) from None


@contextlib.contextmanager
def exclusive(repo: Repository) -> Iterator[None]:
    """Nobody else installs or uninstalls here meanwhile, and what a killed one has left half-written is gone.

    Afterwards the state folder is gone too, unless it holds something.

    :raises HookkitError: somebody else does not come to an end.
    """
    with explained(repo):
        lock = _locked(repo)
        try:
            ConfigFile(repo).recover()
            manifest.recover(repo)
            yield
        finally:
            if [each.name for each in repo.state_dir.iterdir()] == [LOCK]:
                (repo.state_dir / LOCK).unlink()
                with contextlib.suppress(OSError):  # whoever waits has made a lock file again
                    repo.state_dir.rmdir()
            lock.release()


def _locked(repo: Repository) -> "FileLock":
    from filelock import FileLock, Timeout

    while True:
        try:
            _make_state_dir(repo)
            lock = FileLock(repo.state_dir / LOCK, mode=repo.common_dir.stat().st_mode & 0o666, fallback_to_soft=False)
            lock.acquire(timeout=_WAIT)
        except Timeout:
            raise HookkitError(f"another hookkit is at work in {repo.path}", hint="try again later") from None
        except FileNotFoundError:
            # An uninstallation that has just ended takes the folder with it, at any moment: then it is made again.
            if not repo.common_dir.is_dir():
                raise
        else:
            return lock


def _make_state_dir(repo: Repository) -> None:
    if not repo.state_dir.is_dir():
        repo.state_dir.mkdir(exist_ok=True)
        # Whoever may write to the repository (core.sharedRepository) may write here too.
        repo.state_dir.chmod(repo.common_dir.stat().st_mode & 0o7777)
