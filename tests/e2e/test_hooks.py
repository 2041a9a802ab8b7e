"""Every hook, called by the real git: what plugins and scripts get is what a plain hook gets."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from support.commands import Done
from support.distributions import Environment

from hookkit.catalogue import HOOKS

# Notes what git gives a hook: arguments, directory, environment, standard input.
RECORDER = """#!{python}
import json, os, sys
record = dict(
    hook={hook!r}, args=sys.argv[1:], cwd=os.getcwd(), stdin=sys.stdin.buffer.read().hex(),
    env={{name: value for name, value in os.environ.items() if name.startswith("GIT_")}},
)
with open({log!r}, "a") as log:
    log.write(json.dumps(record, sort_keys=True) + "\\n")
"""

# The others have a test of their own: they change what git does by being there, or git alone does not call them.
RECORDED = [hook for hook in HOOKS if hook not in ("proc-receive", "push-to-checkout", "sendemail-validate")]
# Called many times by one command.
FREQUENT = ("reference-transaction", "post-index-change")


class Recorded:
    """A repository where two witnesses watch every hook: a plain hook that was there before, and a script."""

    def __init__(self, environment: Environment, path: Path, hooks: list[str]) -> None:
        self.environment = environment
        self.path = path
        self.git_dir = path / ".git" if (path / ".git").exists() else path
        for hook in hooks:
            self._put(self.git_dir / "hooks" / hook, hook, "plain")
            self._put(self.git_dir / "hooks.d" / hook / "10-record", hook, "script")
        environment.hookkit("plugins", "enable", "scripts", cwd=path)
        environment.hookkit("install", "--hooks", ",".join(hooks), cwd=path)
        environment.run("git", "config", "hookkit.mirror.enabled", "false", cwd=path)

    def _put(self, file: Path, hook: str, witness: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        log = str(self.git_dir / f"{witness}.log")
        file.write_text(RECORDER.format(python=self.environment.python, hook=hook, log=log))
        file.chmod(0o755)

    def seen(self, witness: str) -> dict[str, list[dict[str, object]]]:
        """What a witness saw, by hook."""
        seen: dict[str, list[dict[str, object]]] = defaultdict(list)
        log = self.git_dir / f"{witness}.log"
        for line in log.read_text().splitlines() if log.exists() else ():
            record = json.loads(line)
            seen[record["hook"]].append(record)
        return seen

    def git(self, *args: str, env: dict[str, str] | None = None) -> Done:
        return self.environment.run("git", *args, cwd=self.path, env=env)

    def commit(self, name: str) -> None:
        (self.path / name).write_text(name)
        self.git("add", name)
        self.git("commit", "-q", "-m", name)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("hooks"))


def test_scripts_get_what_a_plain_hook_gets(environment: Environment, tmp_path: Path) -> None:
    environment.run("git", "init", "-q", "--bare", "server.git", cwd=tmp_path)
    environment.run("git", "clone", "-q", "server.git", "work", cwd=tmp_path)
    server = Recorded(environment, tmp_path / "server.git", RECORDED)
    work = Recorded(environment, tmp_path / "work", [hook for hook in RECORDED if hook not in FREQUENT])
    server.git("config", "receive.advertisePushOptions", "true")

    work.commit("one")
    work.git("commit", "-q", "--amend", "-m", "one, better")
    work.git("checkout", "-q", "-b", "tópic")
    work.commit("two")
    work.git("format-patch", "-1", "-o", str(tmp_path / "mail"))
    work.git("checkout", "-q", "main")
    work.commit("three")
    work.git("merge", "-q", "--no-edit", "tópic")
    work.git("checkout", "-q", "-b", "other", "main~1")
    work.commit("four")
    work.git("rebase", "-q", "main")
    work.git("checkout", "-q", "-b", "mails", "main~2")
    work.git("am", "-q", *map(str, (tmp_path / "mail").iterdir()))
    work.git("repack", "-q")
    work.commit("five")
    work.git("repack", "-q")
    work.git("-c", "gc.autoPackLimit=1", "-c", "gc.autoDetach=false", "gc", "--auto", "-q")
    work.git("tag", "v1")
    work.git("push", "-q", "-o", "ci.skip", "-o", "two words", "origin", "main", "tópic", "other", "v1")
    work.git("push", "-q", "origin", ":other", "+tópic:main", "HEAD@{0}:refs/heads/new")

    environment.run("git", "init", "-q", "busy", cwd=tmp_path)
    busy = Recorded(environment, tmp_path / "busy", [*FREQUENT])
    busy.commit("one")
    busy.git("update-ref", "-d", "refs/heads/main")

    assert {*server.seen("plain"), *work.seen("plain"), *busy.seen("plain")} == set(RECORDED)
    for place in (server, work, busy):
        plain, script = place.seen("plain"), place.seen("script")
        assert plain.keys() == script.keys()
        for hook, records in plain.items():
            assert script[hook] == records, hook
    assert len(server.seen("plain")["post-receive"][0]["stdin"]) > 2 * 4 * 80


def test_push_to_checkout(environment: Environment, tmp_path: Path) -> None:
    environment.run("git", "init", "-q", "server", cwd=tmp_path)
    environment.run("git", "clone", "-q", "server", "work", cwd=tmp_path)
    server = Recorded(environment, tmp_path / "server", ["push-to-checkout"])
    server.git("config", "receive.denyCurrentBranch", "updateInstead")
    environment.run("git", "commit", "-q", "--allow-empty", "-m", "a change", cwd=tmp_path / "work")
    environment.run("git", "push", "-q", "origin", "HEAD:main", cwd=tmp_path / "work")
    assert server.seen("plain")["push-to-checkout"] == server.seen("script")["push-to-checkout"] != []


def test_hooks_in_a_linked_work_tree(environment: Environment, tmp_path: Path) -> None:
    environment.run("git", "init", "-q", "work", cwd=tmp_path)
    work = Recorded(environment, tmp_path / "work", ["pre-commit", "commit-msg", "post-checkout"])
    work.commit("one")
    work.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    environment.run("git", "commit", "-q", "--allow-empty", "-m", "x", cwd=tmp_path / "linked")
    assert work.seen("plain") == work.seen("script")
    assert [record["cwd"] for record in work.seen("script")["pre-commit"]] == [
        str(tmp_path / "work"),
        str(tmp_path / "linked"),
    ]


@pytest.mark.parametrize(
    ("hook", "args", "stdin"),
    [
        ("pre-receive", [], f"{'a' * 40} {'b' * 40} refs/heads/x\n"),
        ("update", ["refs/heads/x", "a" * 40, "b" * 40], ""),
        ("sendemail-validate", ["mail"], ""),
        ("post-commit", [], ""),
    ],
)
def test_hookkit_run_does_what_git_does(
    environment: Environment, tmp_path: Path, hook: str, args: list[str], stdin: str
) -> None:
    environment.run("git", "init", "-q", "work", cwd=tmp_path)
    work = Recorded(environment, tmp_path / "work", [hook])
    (tmp_path / "input").write_text(stdin)
    environment.hookkit("-C", "work", "run", hook, *args, "--stdin", str(tmp_path / "input"), cwd=tmp_path)
    ((record,), again) = work.seen("plain")[hook], work.seen("script")[hook]
    assert again == [record]
    assert record["args"] == args
    assert bytes.fromhex(str(record["stdin"])).decode() == stdin
    server = hook in ("pre-receive", "update")
    assert record["cwd"] == str(tmp_path / "work" / ".git" if server else tmp_path / "work")
    assert record["env"]["GIT_DIR"] == ("." if server else str(tmp_path / "work" / ".git"))


# ---- proc-receive ----

TAKES = """
from hookkit.api import ProcResult

@hookimpl
def hookkit_proc_receive(repo, push):
    results = []
    for update in push.updates:
        if "bad" in update.ref:
            results.append(ProcResult(update.ref, f"not {update.ref}, {push.pusher}, {push.options}"))
        elif "forgotten" not in update.ref:
            repo.git("update-ref", update.ref.replace("refs/for/", "refs/heads/"), update.new)
            results.append(ProcResult(update.ref))
    return results
"""
FAILS = """
@hookimpl
def hookkit_proc_receive(repo, push):
    raise ValueError("oh")
"""
SPEAKS_THE_PROTOCOL = """#!{python}
import subprocess, sys
def read():
    while (length := int(sys.stdin.buffer.read(4), 16)):
        yield sys.stdin.buffer.read(length - 4).rstrip(b"\\n")
def write(*lines):
    sys.stdout.buffer.write(b"".join(b"%04x%s" % (len(line) + 4, line) for line in lines) + b"0000")
    sys.stdout.buffer.flush()
with_options = b"push-options" in next(iter(list(read())))
write(b"version=1\\0push-options" if with_options else b"version=1")
commands = [line.split(b" ", 2) for line in read()]
options = list(read()) if with_options else []
print("the script heard", options, file=sys.stderr)
results = []
for old, new, ref in commands:
    if b"bad" in ref:
        results.append(b"ng " + ref + b" not that one")
    else:
        subprocess.run(["git", "update-ref", ref.replace(b"refs/for/", b"refs/heads/"), new], check=True)
        results.append(b"ok " + ref)
write(*results)
"""


class Gate:
    """A server where refs/for/ goes through proc-receive, and a clone."""

    def __init__(self, environment: Environment, root: Path) -> None:
        self.environment = environment
        self.server = root / "server.git"
        self.work = root / "work"
        environment.run("git", "init", "-q", "--bare", str(self.server), cwd=root)
        environment.run("git", "clone", "-q", str(self.server), str(self.work), cwd=root)
        environment.run("git", "config", "receive.procReceiveRefs", "refs/for", cwd=self.server)
        environment.run("git", "commit", "-q", "--allow-empty", "-m", "a change", cwd=self.work)

    def install(self, *plugins: str) -> None:
        for plugin in plugins:
            self.environment.hookkit("plugins", "enable", plugin, cwd=self.server)
        self.environment.hookkit("install", "--hooks", "proc-receive,pre-receive", cwd=self.server)

    def push(self, *refs: str, options: tuple[str, ...] = ()) -> Done:
        refspecs = [f"HEAD:{ref}" for ref in refs]
        return self.environment.run("git", "push", *options, "origin", *refspecs, cwd=self.work, check=False)

    @property
    def refs(self) -> set[str]:
        return {*self.environment.run("git", "for-each-ref", "--format=%(refname)", cwd=self.server).stdout.split()}


@pytest.fixture(scope="module")
def proc_environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("proc-receive"))
    environment.install(environment.distribution("acme-gate", takes=TAKES, fails=FAILS))
    return environment


@pytest.fixture
def gate(proc_environment: Environment, tmp_path: Path) -> Gate:
    return Gate(proc_environment, tmp_path)


def test_a_plugin_executes_and_refuses_ref_by_ref(gate: Gate) -> None:
    gate.install("takes")
    done = gate.push("refs/for/main", "refs/for/bad", "refs/for/forgotten", "refs/heads/direct", options=("-o", "x y"))
    assert done.status == 1
    assert gate.refs == {"refs/heads/main", "refs/heads/direct"}
    assert "(not refs/for/bad, " in done.stderr
    assert "('x y',))" in done.stderr
    assert "(the plugin that decides did not mention it)" in done.stderr
    assert gate.push("refs/for/again").status == 0


def test_many_refs_at_once(gate: Gate) -> None:
    gate.install("takes")
    assert gate.push(*(f"refs/for/branch-{number}" for number in range(300))).status == 0
    assert len(gate.refs) == 300


@pytest.mark.parametrize(
    ("plugins", "reason"),
    [((), "no plugin took it"), (("fails",), "a plugin failed"), (("scripts",), "no plugin took it")],
)
def test_without_an_answer_everything_is_refused_ref_by_ref(gate: Gate, plugins: tuple[str, ...], reason: str) -> None:
    gate.install(*plugins)
    done = gate.push("refs/for/main", "refs/heads/direct")
    assert done.status == 1
    assert gate.refs == {"refs/heads/direct"}
    assert f"[remote rejected] HEAD -> refs/for/main ({reason})" in done.stderr


def test_a_plugin_that_fails_leaves_the_word_to_the_next(gate: Gate) -> None:
    gate.install("fails", "takes")
    done = gate.push("refs/for/main")
    assert done.status == 0
    assert any("plugin fails (acme-gate) ValueError: oh" in line for line in done.remote)
    assert gate.refs == {"refs/heads/main"}


def test_a_script_that_speaks_the_protocol(gate: Gate) -> None:
    script = gate.server / "hooks.d" / "proc-receive" / "10-gate"
    script.parent.mkdir(parents=True)
    script.write_text(SPEAKS_THE_PROTOCOL.format(python=gate.environment.python))
    script.chmod(0o755)
    gate.install("scripts")
    done = gate.push("refs/for/main", "refs/for/bad", options=("-o", "x y"))
    assert "the script heard [b'x y']" in done.remote
    assert "(not that one)" in done.stderr
    assert gate.refs == {"refs/heads/main"}
    script.write_text("#!/bin/sh\necho nonsense\nexit 3\n")
    done = gate.push("refs/for/other")
    assert "(proc-receive/10-gate failed)" in done.stderr
    assert "hookkit: scripts: proc-receive/10-gate does not speak git's protocol (exit status 3)" in done.remote
