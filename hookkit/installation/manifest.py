"""What ``hookkit install`` has done to a repository: written before it is done, so that it can be undone at any moment."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hookkit.errors import HookkitError
from hookkit.installation.slot import write
from hookkit.repository import Repository

_FORMAT = 1
_SCRATCH = ".new"


@dataclass(frozen=True)
class Setting:
    """A line of configuration that install has set.

    :param value: what it set.
    :param before: the values of the key that were in the repository's own configuration; None: a key without ``=``.
    """

    value: str
    before: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """Paths are relative to the repository's common directory, so that they stay true when it moves.

    :param method: ``stub`` or ``config``.
    :param asked: the hooks that ``--hooks`` named.
    :param stubs: the path of each stub, and its hook.
    :param kept: the hooks of which one from before is kept.
    :param folders: folders that install made, outermost first.
    :param settings: key to what was set.
    :param known: fingerprints of the configuration file's contents of which install is the only author since it was saved;
        empty once somebody else has changed it in between.
    """

    method: str = "stub"
    asked: tuple[str, ...] = ()
    stubs: dict[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    settings: dict[str, Setting] = field(default_factory=dict)
    known: tuple[str, ...] = ()


def path(repo: Repository) -> Path:
    """Where the manifest of ``repo`` is."""
    return repo.state_dir / "install.json"


def load(repo: Repository) -> Manifest | None:
    """The manifest of ``repo``; None if hookkit is not installed there.

    :raises HookkitError: it cannot be read.
    """
    try:
        data = json.loads(path(repo).read_bytes())
        if data.pop("format") != _FORMAT:
            raise ValueError("it was written by another version of hookkit")
        return Manifest(
            method=str(data["method"]),
            asked=tuple(data["asked"]),
            stubs=dict(data["stubs"]),
            kept=tuple(data.get("kept", ())),
            folders=tuple(data["folders"]),
            settings={key: Setting(each["value"], tuple(each["before"])) for key, each in data["settings"].items()},
            known=tuple(data["known"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HookkitError(
            f"cannot read {path(repo)}, which says what `hookkit install` has done",
            cause=str(error),
            hint="remove that file; uninstall then takes the hooks back, but not the configuration",
        ) from None


def save(repo: Repository, manifest: Manifest) -> None:
    """Write the manifest of ``repo``, atomically."""
    data = {"format": _FORMAT, **asdict(manifest)}
    target = path(repo)
    scratch = target.with_suffix(_SCRATCH)
    write(scratch, json.dumps(data, indent=1).encode() + b"\n", repo.state_dir.stat().st_mode & 0o666)
    scratch.replace(target)


def recover(repo: Repository) -> None:
    """Remove what a killed :func:`save` has left behind."""
    path(repo).with_suffix(_SCRATCH).unlink(missing_ok=True)
