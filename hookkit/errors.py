"""Typed errors, shown to people as ``error:`` / ``caused by:`` / ``hint:`` and never as a traceback."""

from collections.abc import Iterator


class HookkitError(Exception):
    """Something failed that a person can understand.

    :param message: what failed, one line, no trailing full stop.
    :param cause: why, if it is not the exception's ``__cause__``.
    :param hint: a command to type, or what to change.
    """

    exit_status = 1

    def __init__(self, message: str, *, cause: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.hint = hint


class UsageError(HookkitError):
    """The command line or the situation is wrong; nothing was changed."""

    exit_status = 2


class ConfigError(UsageError):
    """A git configuration value is wrong: names key, value, origin and what is allowed.

    :param command: the command that puts it right, if one does.
    """

    def __init__(
        self, message: str, *, cause: str | None = None, hint: str | None = None, command: str | None = None
    ) -> None:
        super().__init__(message, cause=cause, hint=hint)
        self.command = command


class GitError(HookkitError):
    """A git command failed.

    :param status: its exit status.
    :param stderr: what it said, cleaned of control characters.
    """

    def __init__(self, message: str, *, status: int = 1, stderr: str = "", hint: str | None = None) -> None:
        super().__init__(message, cause=stderr.strip() or None, hint=hint)
        self.status = status
        self.stderr = stderr


class PluginError(HookkitError):
    """A plugin cannot be loaded, or broke the contract of a hook."""


class BugError(HookkitError):
    """Something failed that should not have: hookkit's fault, or its author's; a report was written."""

    exit_status = 3


def summary(error: HookkitError) -> str:
    """``error`` in one line, without the hint."""
    return f"{error.message} ({error.cause})" if error.cause else error.message


def lines(error: BaseException) -> Iterator[str]:
    """The lines that a person sees for ``error``: what, why (the chain of causes), what to type."""
    yield f"error: {_text(error)}"
    hint = getattr(error, "hint", None)
    seen: BaseException | None = error
    while seen is not None:
        cause = getattr(seen, "cause", None)
        if cause:
            yield from (f"caused by: {line}" for line in cause.splitlines() if line.strip())
        seen = seen.__cause__
        if seen is not None:
            yield f"caused by: {_text(seen)}"
            hint = hint or getattr(seen, "hint", None)
    if hint:
        yield from (f"hint: {line}" for line in hint.splitlines() if line.strip())


def _text(error: BaseException) -> str:
    return getattr(error, "message", None) or str(error) or type(error).__name__
