"""What is to be changed, as backends answer it. Pure."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from hookkit.api import PluginError


class Request(NamedTuple):
    """A command that must succeed."""

    argv: tuple[str, ...]
    environ: dict[str, str]


class Plan(NamedTuple):
    """What a backend answers; see :func:`hookkit_plugins.setup.enroll.hookspecs.hookkit_setup_enroll_plan`."""

    files: dict[str, str]
    repositories: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    versioned: bool = True
    complaint: str | None = None
    requests: tuple[Request, ...] = ()
    way_back: tuple[str, ...] = ()

    def answer(self) -> dict[str, object]:
        """It as JSON values."""
        return {**self._asdict(), "requests": [request._asdict() for request in self.requests]}


def read(plugin: str, answer: object) -> Plan:
    """The plan that ``plugin`` has answered.

    :raises PluginError: it is none, or leads out of the folder.
    """
    if not isinstance(answer, Mapping):
        raise _wrong(plugin, "it is no dictionary")
    unknown = [key for key in answer if key not in Plan._fields]
    if unknown:
        raise _wrong(plugin, f"nobody knows {unknown[0]!r}")
    files = answer.get("files", {})
    if not isinstance(files, Mapping) or not all(isinstance(text, str) for text in files.values()):
        raise _wrong(plugin, "files are not texts")
    for path in files:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or parts[0] == ".git":
            raise _wrong(plugin, f"{path!r} is not a file below the folder")
    complaint = answer.get("complaint")
    try:
        re.compile(complaint or "")
    except (re.error, TypeError) as error:
        raise _wrong(plugin, f"complaint: {error}") from None
    texts = {name: _texts(plugin, answer, name) for name in ("repositories", "refused", "notes", "way_back")}
    requests = tuple(_request(plugin, each) for each in answer.get("requests", ()))
    versioned = bool(answer.get("versioned", True))
    return Plan(dict(files), versioned=versioned, complaint=complaint, requests=requests, **texts)


def _texts(plugin: str, answer: Mapping[str, Any], name: str) -> Any:
    given = answer.get(name, ())
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise _wrong(plugin, f"{name} are not texts")
    return tuple(given)


def _request(plugin: str, given: object) -> Request:
    argv = given.get("argv") if isinstance(given, Mapping) else None
    environ = given.get("environ", {}) if isinstance(given, Mapping) else None
    if not isinstance(argv, list | tuple) or not argv or not isinstance(environ, Mapping):
        raise _wrong(plugin, "a request is no command")
    return Request(tuple(map(str, argv)), {str(key): str(value) for key, value in environ.items()})


def _wrong(plugin: str, why: str) -> PluginError:
    return PluginError(f"plugin {plugin} does not answer with a plan", cause=why)
