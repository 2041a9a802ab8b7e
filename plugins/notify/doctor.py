"""Whether a message would reach anybody."""

from collections.abc import Iterator

from hookkit.api import Check, HookkitError, Repository
from hookkit_plugins.notify.delivery import addresses
from hookkit_plugins.notify.settings import file_of


def checks(repo: Repository) -> Iterator[Check]:
    """The file with the addresses, and who may read it."""
    try:
        file = file_of(repo)
        count = addresses(file)
    except HookkitError as error:
        cause = f" ({error.cause})" if error.cause else ""
        yield Check("notify", "problem", f"{error.message}{cause}", error.hint or "hookkit notify test")
        return
    yield Check("notify", "ok", f"{count} address{'' if count == 1 else 'es'} in {file}")
    if file.stat().st_mode & 0o077:
        yield Check("notify file", "warning", f"others may read the passwords in {file}", f"chmod 600 {file}")
