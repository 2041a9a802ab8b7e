"""``hookkit mirror timer``: what makes a machine run ``mirror sync --all DIR`` for ever. Pure but for reading templates."""

import shlex
import sys
from importlib import resources
from pathlib import Path


def unit(name: str, folder: Path) -> str:
    """The template ``name`` with this interpreter and ``folder`` filled in."""
    words = [sys.executable, "-I", "-m", "hookkit", "mirror", "sync", "--all", str(folder)]
    command = " ".join(map(shlex.quote, words)) if name.endswith(".cron") else " ".join(map(_systemd, words))
    # Percent signs begin specifiers, systemd.unit(5), and end a command, crontab(5).
    command = command.replace("%", "\\%" if name.endswith(".cron") else "%%")
    text = resources.files("hookkit_templates").joinpath(name).read_text(encoding="utf-8")
    return text.replace("{command}", command).replace("{folder}", str(folder).replace("%", "%%"))


def _systemd(word: str) -> str:
    """A word of a command line, quoted; systemd.service(5), "COMMAND LINES"."""
    if word and not set(word) & set(" \t\"'\\$;"):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$") + '"'
