"""Third-party plugins as people get them: distributions, built and installed with pip next to hookkit."""

import sysconfig
import textwrap
import venv
from pathlib import Path

from support.commands import Done, run
from support.requirements import SYSTEM_PATH

_SETUP = """
[metadata]
name = {name}
version = 1.0

[options]
py_modules = {modules}

[options.entry_points]
hookkit.plugins =
    {entries}
"""


class Environment:
    """A virtual environment that has hookkit, and whatever is installed into it.

    :param root: a folder for it, for the sources of distributions, and for a home.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.home.mkdir(parents=True)
        (self.home / ".gitconfig").write_text(
            "[init]\n\tdefaultBranch = main\n[user]\n\tname = dana\n\temail = dana@example.org\n"
        )
        self.venv = root / "venv"
        venv.create(self.venv, symlinks=True)
        self.python = self.venv / "bin" / "python"
        self.site = Path(sysconfig.get_path("purelib", vars={"base": str(self.venv)}))
        # What the tests run in, hookkit among it, is seen too, behind what is installed here.
        (self.site / "environment_of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n")

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of a terminal."""
        return {"PATH": SYSTEM_PATH, "HOME": str(self.home), "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1"}

    def run(
        self, *argv: str, cwd: Path, check: bool = True, stdin: str = "", env: dict[str, str] | None = None
    ) -> Done:
        """Run a command in this environment.

        :param env: variables beside the usual ones.
        """
        return run(argv, env=self.variables | (env or {}), cwd=cwd, check=check, stdin=stdin)

    def hookkit(self, *args: str, cwd: Path, check: bool = True, env: dict[str, str] | None = None) -> Done:
        """Run the command ``hookkit``."""
        return self.run(str(self.python), "-P", "-m", "hookkit", *args, cwd=cwd, check=check, env=env)

    def distribution(self, name: str, **plugins: str) -> Path:
        """The sources of a distribution ``name`` with these plugins: name and code."""
        folder = self.root / "sources" / name
        folder.mkdir(parents=True)
        modules = {plugin: f"{name}_{plugin}".replace("-", "_") for plugin in plugins}
        entries = "\n    ".join(f"{plugin} = {module}" for plugin, module in modules.items())
        (folder / "setup.cfg").write_text(
            _SETUP.format(name=name, modules=", ".join(modules.values()), entries=entries)
        )
        (folder / "pyproject.toml").write_text(
            '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        )
        for plugin, code in plugins.items():
            source = f"from hookkit.api import Refusal, hookimpl, options\n{textwrap.dedent(code)}\n"
            (folder / f"{modules[plugin]}.py").write_text(source)
        return folder

    def install(self, *sources: Path, editable: bool = False) -> None:
        """``pip install`` them, from here alone; ``editable``: they stay where they are, ``pip install -e``."""
        words = [word for source in sources for word in (["-e"] if editable else []) + [str(source)]]
        self._pip("install", "--no-deps", "--no-build-isolation", "--no-index", *words)

    def uninstall(self, name: str) -> None:
        """``pip uninstall`` one."""
        self._pip("uninstall", "--yes", name)

    def _pip(self, *args: str) -> None:
        argv = (str(self.python), "-m", "pip", "-q", "--disable-pip-version-check", *args)
        run(argv, env=self.variables, cwd=self.root, timeout=120)
