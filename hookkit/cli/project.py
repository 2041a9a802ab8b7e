"""The project of a new plugin, from the templates: which files it has, and which names it may have."""

import contextlib
import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import hookkit
from hookkit.discovery import Found
from hookkit.errors import HookkitError, UsageError
from hookkit.text import shown

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_OURS = ("hookkit_plugins", "hookkit_templates")
# Where each template goes; @MODULE@ is replaced in names too.
_FILES = {
    ".gitignore": "gitignore.in",
    "README.md": "README.md.in",
    "ci": "ci.in",
    "@MODULE@.py": "module.py.in",
    "pyproject.toml": "pyproject.toml.in",
    "setup.cfg": "setup.cfg.in",
    "tests/conftest.py": "conftest.py.in",
    "tests/test_@MODULE@.py": "test_module.py.in",
}
_EXECUTABLE = "ci"


class Project(NamedTuple):
    """A project that is not written yet.

    :param files: path to content.
    """

    name: str
    files: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write it into ``folder``, which is made if it is not there.

        :raises UsageError: something is there.
        :raises HookkitError: it cannot be written; nothing of it is left then.
        """
        try:
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                what = "is not empty" if folder.is_dir() else "is not a folder"
                raise UsageError(
                    f"{shown(str(folder))} {what}; nothing was written",
                    hint=f"hookkit plugins new {self.name} --dir FOLDER",
                )
            _write(folder, self.files)
        except OSError as error:
            where = shown(str(error.filename or folder))
            raise HookkitError(f"cannot write the project to {where}", cause=error.strerror) from None


def _write(folder: Path, files: dict[str, str]) -> None:
    written: list[Path] = []
    made: list[Path] = []
    try:
        for name, content in files.items():
            path = folder / name
            made += [each for each in (path.parent, *path.parent.parents) if not each.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(content)
            if name == _EXECUTABLE:
                path.chmod(path.stat().st_mode | 0o111)
    except OSError:
        for path in written:
            path.unlink(missing_ok=True)
        for path in sorted(made, reverse=True):
            with contextlib.suppress(OSError):  # not made any more
                path.rmdir()
        raise


def project(name: str, installed: Iterable[Found]) -> Project:
    """The project of a plugin called ``name``.

    :param installed: the plugins whose names are taken.
    :raises UsageError: it cannot have this name.
    """
    _check(name, installed)
    words = {
        "@NAME@": name,
        "@DISTRIBUTION@": distribution(name),
        "@MODULE@": _module(name),
        "@VERSION@": ".".join(hookkit.__version__.split(".")[:2]),
        "@API@": ", ".join(map(str, hookkit.API_VERSION)),
    }
    folder = resources.files("hookkit_templates").joinpath("plugin")
    return Project(
        name,
        {
            _filled(path, words): _filled(folder.joinpath(template).read_text(encoding="utf-8"), words)
            for path, template in _FILES.items()
        },
    )


def distribution(name: str) -> str:
    """What the distribution of a plugin is called, and its folder."""
    return f"hookkit-{name}"


def _module(name: str) -> str:
    return distribution(name).replace("-", "_")


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"@[A-Z]+@", lambda found: words[found[0]], text)


def _check(name: str, installed: Iterable[Found]) -> None:
    installed = list(installed)
    if not _NAME.match(name):
        taken = {found.name for found in installed}
        meant = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")
        raise UsageError(
            f"a plugin cannot be called {shown(name)!r}",
            cause="a name has lower-case letters, digits and single dashes, and starts with a letter",
            hint=f"hookkit plugins new {meant}" if _NAME.match(meant) and meant not in taken else None,
        )
    if name.startswith("hookkit-"):
        raise UsageError(
            f"a plugin cannot be called {name!r}",
            cause="'hookkit-' is put before its name in that of its distribution",
            hint=f"hookkit plugins new {name.removeprefix('hookkit-')}",
        )
    if _module(name) in _OURS:
        raise UsageError(f"a plugin cannot be called {name!r}", cause=f"the module {_module(name)} is hookkit's own")
    for found in installed:
        if found.name == name and found.distribution != distribution(name):
            whose = "a plugin that ships with hookkit" if found.shipped else f"the plugin of {found.distribution}"
            raise UsageError(f"a plugin cannot be called {name!r}", cause=f"the name belongs to {whose}")
