"""Handing one message to apprise."""

from pathlib import Path

from hookkit.api import HookkitError, one_line, redact

_FORM = "one address per line, as on https://appriseit.com"
_INSTALL = "python -m pip install 'hookkit[notify]', with the interpreter that hookkit runs with"


def addresses(file: Path) -> int:
    """How many there are in ``file``.

    :raises HookkitError: apprise is not there, or does not understand all of the file.
    """
    found, wrong = _apprise(file)
    if wrong:
        raise HookkitError(f"not every address in {file} is understood", cause=wrong, hint=_FORM)
    return len(found)


def send(file: Path, title: str, body: str) -> None:
    """Tell everybody in ``file``.

    :raises HookkitError: somebody could not be told.
    """
    import logging

    everybody, _ = _apprise(file)
    from apprise import LogCapture

    with LogCapture(level=logging.WARNING, fmt="%(message)s") as said:  # type: ignore[no-untyped-call]
        if not everybody.notify(title=title, body=body):
            cause = redact(one_line(said.getvalue().strip() or "apprise does not say why", 300))
            raise HookkitError("somebody could not be told", cause=cause, hint=f"look at the addresses in {file}")


def _apprise(file: Path):  # type: ignore[no-untyped-def]
    """Everybody whom ``file`` names, and what apprise says of what it does not understand there."""
    import logging

    try:
        from apprise import Apprise, AppriseConfig, LogCapture
    except ImportError as error:
        raise HookkitError("the plugin notify needs apprise", cause=str(error), hint=_INSTALL) from None
    try:
        # Read here: apprise does not say why it cannot.
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = f"write it, one address per line (https://appriseit.com), and: chmod 600 {file}"
        raise HookkitError(f"nobody to tell: {file} cannot be read", cause=reason, hint=hint) from None
    config = AppriseConfig()
    found = Apprise()
    with LogCapture(level=logging.WARNING, fmt="%(message)s") as said:  # type: ignore[no-untyped-call]
        config.add_config(content)
        found.add(config)
        count = len(found)
        wrong = redact(one_line(said.getvalue().strip(), 300))
    if not count:
        raise HookkitError(f"nobody to tell: there is no address in {file}", cause=wrong or None, hint=_FORM)
    return found, wrong
