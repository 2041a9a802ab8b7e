"""One git repository, as hooks and commands see it."""

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from hookkit import options, process
from hookkit.environment import clean_environment
from hookkit.errors import UsageError
from hookkit.gitconfig import GitConfig, parse
from hookkit.process import Completed
from hookkit.text import shown

# More refs than this are found faster by listing all.
_FEW = 200
# So many objects are read by one process.
_AT_ONCE = 5000


class Repository:
    """A repository and its configuration.

    :param git_dir: absolute path of its git directory.
    :param common_dir: absolute path of what its work trees share (the same, without linked work trees).
    :param work_tree: absolute path of its work tree, None in a bare repository.
    :param env: the environment of git commands in it; None: the process's own, as in a hook, where it names the
        quarantine that new objects are in.
    """

    def __init__(
        self, git_dir: Path, common_dir: Path, work_tree: Path | None, env: Mapping[str, str] | None = None
    ) -> None:
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.work_tree = work_tree
        self._env = env

    @classmethod
    def discover(cls, path: str | os.PathLike[str] = ".") -> "Repository":
        """The repository that ``path`` is in, as git finds it.

        :raises UsageError: there is none, or git will not touch it.
        """
        env = clean_environment()
        place = Path(path).absolute()
        if not place.is_dir():
            raise UsageError(f"there is no folder {shown(str(path))}", hint="hookkit -C PATH names a repository")
        ask = ("-C", str(place), "rev-parse", "--path-format=absolute")
        folders = ("--absolute-git-dir", "--git-common-dir")
        found = process.git(*ask, *folders, "--is-bare-repository", check=False, env=env)
        if found.status:
            said = shown(found.stderr).strip().removeprefix("fatal: ")
            hint = "run it inside a repository, or name one: hookkit -C PATH"
            if "safe.directory" in said:
                said, hint = said.splitlines()[0], f"git config --global --add safe.directory {place}"
            raise UsageError(f"{shown(str(place))} is not in a git repository", cause=said, hint=hint)
        *paths, bare = found.text().split("\n")
        if len(paths) > len(folders):  # line feeds in them
            paths = [process.git(*ask, each, env=env).text() for each in folders]
        git_dir, common_dir = paths
        work_tree = None
        if bare != "true":
            top = process.git("-C", str(place), "rev-parse", "--show-toplevel", check=False, env=env)
            work_tree = Path(top.text()) if top.status == 0 and top.text() else Path(git_dir).parent
        return cls(Path(git_dir), Path(common_dir), work_tree, env)

    @classmethod
    def create(cls, path: str | os.PathLike[str], object_format: str = "sha1") -> "Repository":
        """Make an empty bare repository; one that is there already stays as it is.

        :param object_format: ``sha1`` or ``sha256``.
        :raises GitError: it cannot be made.
        """
        place = str(Path(path).absolute())
        env = clean_environment()
        process.git("init", "--quiet", "--bare", f"--object-format={object_format}", "--", place, env=env)
        return cls.discover(place)

    @classmethod
    def of_hook(cls, listed: bytes | None = None) -> "Repository":
        """The repository whose hook this process runs, from what git has set up; no process is started for it.

        :param listed: its configuration, if that was read already: what :data:`hookkit.shortcut.LIST` says.
        """
        named = os.environ.get("GIT_DIR")
        git_dir = Path(named if named is not None else ".git").absolute()
        if not git_dir.is_dir():
            return cls.discover()
        git_dir = Path(os.path.normpath(git_dir))
        common = git_dir / "commondir"
        common_dir = git_dir
        if common.is_file():
            common_dir = Path(os.path.normpath(git_dir / common.read_text().strip()))
        # Server hooks run in the git directory, client hooks at the top of the work tree; githooks(5).
        here = Path.cwd()
        repo = cls(git_dir, common_dir, None if here == git_dir else here)
        if listed is not None:
            repo.__dict__["config"] = GitConfig(parse(listed))
        return repo

    def __repr__(self) -> str:
        return f"<Repository {self.git_dir}>"

    @property
    def name(self) -> str:
        """What people call it: the folder's name, without ``.git``."""
        folder = self.common_dir.parent if self.common_dir.name == ".git" else self.common_dir
        return folder.name.removesuffix(".git") or folder.name

    @property
    def path(self) -> Path:
        """The folder that people type: the work tree, or the bare repository itself."""
        return self.work_tree or self.git_dir

    @property
    def state_dir(self) -> Path:
        """Where hookkit and its plugins keep what belongs to this repository; goes with ``hookkit uninstall``."""
        return self.common_dir / "hookkit"

    def locate(self, path: str) -> Path:
        """A path from configuration: ``~`` is the account's home, a relative one starts at the git directory."""
        return self.common_dir / Path(path).expanduser()

    def plugin_dir(self, plugin: str) -> Path:
        """A folder below :attr:`state_dir` for one plugin, made if it is not there."""
        folder = self.state_dir / plugin
        for place in (self.state_dir, folder):
            if not place.is_dir():
                place.mkdir(exist_ok=True)
                # Who may write to the repository (core.sharedRepository) may write here too.
                place.chmod(self.git_dir.stat().st_mode & 0o7777 | 0o700)
        return folder

    @cached_property
    def config(self) -> GitConfig:
        """Its configuration, read once."""
        return GitConfig.read(str(self.git_dir), self._env)

    def reload(self) -> None:
        """Forget what was read of the configuration."""
        self.__dict__.pop("config", None)

    @property
    def node(self) -> str:
        """This server account's name: ``hookkit.node``, else the host name."""
        return self.settings().get(options.NODE) or os.uname().nodename

    def settings(self, plugin: str | None = None) -> options.Settings:
        """The options of ``plugin`` (of the core: None) in this repository."""
        return options.Settings(self.config, plugin)

    def git(self, *args: str, stdin: bytes = b"", check: bool = True) -> Completed:
        """Run a local git command in this repository.

        :raises GitError: it failed, and ``check`` is set.
        """
        return process.git(f"--git-dir={self.git_dir}", *args, env=self._env, stdin=stdin, check=check)

    def environment(self) -> dict[str, str]:
        """The environment for a command that must not inherit what ties this process to a repository."""
        return clean_environment(self._env)

    def refs(self, *patterns: str) -> dict[str, str]:
        """The repository's refs and the objects that they name; all of them, or those below ``patterns``."""
        listed = self.git("for-each-ref", "--format=%(objectname) %(refname)", *patterns).text()
        pairs = (line.split(" ", 1) for line in listed.split("\n") if line)
        return {ref: oid for oid, ref in pairs}

    def resolve(self, refs: list[str]) -> dict[str, str]:
        """The objects that ``refs`` name now, without those that do not exist; cost grows with ``refs`` only."""
        if not refs:
            return {}
        asked = set(refs)
        if len(asked) <= _FEW:
            names = sorted(asked)
            text = "".join(f"{ref}\n" for ref in names)
            said = self.git("cat-file", "--batch-check=%(objectname)", stdin=os.fsencode(text)).text().split("\n")
            return {ref: line for ref, line in zip(names, said, strict=True) if " " not in line}
        return {ref: oid for ref, oid in self.refs().items() if ref in asked}

    def object_types(self, oids: list[str]) -> dict[str, str]:
        """The types of those of the objects that are here: commit, tag, tree or blob."""
        if not oids:
            return {}
        asked = "".join(f"{oid}\n" for oid in oids)
        answer = self.git("cat-file", "--batch-check=%(objecttype)", stdin=asked.encode()).text().split("\n")
        return {oid: line for oid, line in zip(oids, answer, strict=True) if " " not in line}

    def contents(self, oids: Iterable[str]) -> Iterator[bytes]:
        """What is in those of the objects that are here, in their order; a few thousand are in memory at a time."""
        for some in _parts(oids):
            asked = "".join(f"{oid}\n" for oid in some)
            yield from _contents(self.git("cat-file", "--batch", stdin=asked.encode()).stdout)

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether ``ancestor`` is a commit that ``descendant`` contains; False if either is not here, or no commit."""
        done = self.git("merge-base", "--is-ancestor", ancestor, descendant, check=False)
        return done.status == 0


def _parts(oids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(oids)
    while part := list(itertools.islice(rest, _AT_ONCE)):
        yield part


def _contents(answer: bytes) -> Iterator[bytes]:
    """The contents in what ``git cat-file --batch`` printed; git-cat-file(1), BATCH OUTPUT."""
    position = 0
    while position < len(answer):
        end = answer.index(b"\n", position)
        *_, size = answer[position:end].split(b" ")
        position = end + 1
        if size != b"missing":
            yield answer[position : position + int(size)]
            position += int(size) + 1


def hooks_dir(repo: Repository) -> Path:
    """Where git looks for hooks: ``core.hooksPath`` (a relative one starts where hooks run) or ``hooks``; git-config(1)."""
    if repo.config.last("core.hooksPath") is None:
        return repo.common_dir / "hooks"
    value = repo.git("config", "--type=path", "--get", "core.hooksPath").text()
    return (repo.work_tree or repo.git_dir) / value
