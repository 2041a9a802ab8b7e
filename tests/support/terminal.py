"""A shell at a terminal, with somebody who types."""

import os
import pty
import re
import select
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 30.0
_TO_THE_FRONT = "\x01"
# What moves the cursor, or colours.
_SEQUENCE = re.compile(r"\x1b(\[[0-9;?>]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\\\)|[()][A-Z0-9]|[=>])|[\x0e\x0f]")
# What people are told to write into the file that their shell reads; the prompt is one that nothing else prints.
_FILES = {
    "bash": (".bashrc", "PS1='ready> '"),
    "zsh": (".zshrc", "autoload -Uz compinit && compinit -u -D\nPS1='ready> '\nbindkey -e"),
    "fish": (".config/fish/config.fish", "function fish_prompt; echo -n 'ready> '; end\nset -g fish_greeting"),
}
_LINES = {
    "bash": 'eval "$(hookkit completion bash)"',
    "zsh": 'eval "$(hookkit completion zsh)"',
    "fish": "hookkit completion fish | source",
}


class Terminal:
    """``shell``, started as a terminal starts it, in a home in which completion is set up as the documentation says."""

    def __init__(self, shell: str, home: Path, folder: Path, environment: dict[str, str]) -> None:
        name, text = _FILES[shell]
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(f"{text}\n{_LINES[shell]}\n")
        # Where it is not there, fish fills it with the completions of all manual pages.
        (home / ".local/share/fish/generated_completions").mkdir(parents=True, exist_ok=True)
        # Without it, fish makes itself one in the temporary directory, and leaves it there.
        runtime = home / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        env = environment | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "TERM": "xterm"}
        env["XDG_RUNTIME_DIR"] = str(runtime)
        env = {**env, "ZDOTDIR": str(home), "COLUMNS": "200", "LC_ALL": "C.UTF-8"}
        self._shell, self._keyboard = pty.fork()
        if self._shell == 0:
            try:
                os.chdir(folder)
                os.execvpe(shell, [shell, "-i"], env)
            finally:
                os._exit(127)
        self._said = ""

    def __enter__(self) -> Self:
        self._until(r"ready> \s*$")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self._shell, signal.SIGKILL)
        os.waitpid(self._shell, 0)
        os.close(self._keyboard)

    def complete(self, typed: str) -> str:
        """The line that stands there after ``typed`` and the tabulator."""
        # It is handed to a command that prints the words of it, each in its own brackets.
        self._said = ""
        os.write(self._keyboard, f"{typed}\t{_TO_THE_FRONT}printf '{{%s}}' '[' \r".encode())
        return " ".join(re.findall(r"{(.*?)}", self._until(r"{\[}(.*)ready> \s*$")[1]))

    def _until(self, wanted: str) -> re.Match[str]:
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(wanted, _SEQUENCE.sub("", self._said), re.DOTALL)) is None:
            left = deadline - time.monotonic()
            assert left > 0, f"no {wanted!r} in {PATIENCE:g} s, after: {self._said!r}"
            if select.select([self._keyboard], [], [], left)[0]:
                self._said += os.read(self._keyboard, 65536).decode(errors="replace")
        return found
