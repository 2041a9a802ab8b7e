"""After plugins were switched on or off: the hooks that they need, or what to type to get them."""

from hookkit import terminal
from hookkit.cli.context import Context
from hookkit.errors import UsageError


def after_change(context: Context, scope: str) -> None:
    """Bring the installation of the repository at hand up to date, and tell the next step."""
    from hookkit.installation import install, is_installed

    try:
        repo = context.repository()
    except UsageError:
        if scope == "local":
            raise
    else:
        if is_installed(repo):
            report = install(repo)
            for line in (*report.changes, *(f"note: {note}" for note in report.notes)):
                terminal.say(f"  {line}")
        elif scope == "local":
            terminal.say("hint: hookkit is not installed here, so no hook runs yet: hookkit install")
    if scope != "local":
        terminal.say("hint: where other hooks are needed now, they come with: hookkit install --all DIR")
