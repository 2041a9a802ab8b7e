"""hookkit status, plugins and run, apart from what needs real plugins: tests/e2e/test_plugins.py."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hookkit import inspection
from hookkit.repository import Repository

SECTION = """
@hookimpl
def hookkit_status(repo):
    return [Section({key!r}, {data!r}, "things", ("name", "state"), (("a", "good"), ("b", "bad")))]
"""


def status(hookkit, *args: str) -> dict[str, object]:
    said = hookkit("status", "--json", *args)
    assert said.status == 0, said
    found: dict[str, object] = json.loads(said.out)
    return found


def test_the_contract(hookkit, repo: Repository, configure) -> None:
    configure("hookkit.node", "alpha")
    found = status(hookkit)
    assert list(found) == ["repository", "node", "remotes", "conflicts", "plugins"]
    assert (found["repository"], found["node"], found["remotes"], found["conflicts"]) == (
        str(repo.git_dir),
        "alpha",
        [],
        [],
    )
    plugins = {row["name"]: row for row in found["plugins"]}
    assert plugins["mirror"] == {
        "name": "mirror",
        "distribution": "hookkit",
        "version": plugins["mirror"]["version"],
        "enabled": False,
        "hooks": plugins["mirror"]["hooks"],
        "problem": None,
    }
    assert "post-receive" in plugins["mirror"]["hooks"]


def test_plugins_fill_sections(hookkit, plugin) -> None:
    plugin("a-remotes", SECTION.format(key="remotes", data=[{"name": "bravo"}]))
    plugin("b-other", SECTION.format(key="weather", data={"today": "rain"}))
    found = status(hookkit)
    assert found["remotes"] == [{"name": "bravo"}]
    assert found["weather"] == {"today": "rain"}


def test_for_people(hookkit, plugin, repo: Repository) -> None:
    plugin("check", SECTION.format(key="remotes", data=[]))
    assert hookkit("status").out.splitlines() == [
        f"repository  {repo.git_dir}",
        f"node        {repo.node}",
        "hooks       not installed",
        "",
        "things:",
        "name  state",
        "a     good",
        "b     bad",
        "",
        "plugins:",
        "name   from",
        "check  acme-check 1.0",
        "hint: no hook starts hookkit here: hookkit install",
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("@hookimpl\ndef hookkit_status(repo): raise ValueError('oh')", "ValueError: oh"),
        ("@hookimpl\ndef hookkit_status(repo): import os; os._exit(3)", "ended its process without an answer"),
        (
            "@hookimpl\ndef hookkit_status(repo): import time; time.sleep(1000)",
            "did not answer within 1s and was ended",
        ),
        ("@hookimpl\ndef hookkit_status(repo): return ['text']", "hookkit_status must return Sections"),
        ("@hookimpl\ndef hookkit_status(repo): return [Section('x', object())]", "answered what cannot be passed on"),
        (SECTION.format(key="plugins", data=[]), "its section 'plugins' is already there"),
        (SECTION.format(key="remotes", data=[]), "its section 'remotes' is already there"),
        ("raise ValueError('oh')", "cannot be loaded: ValueError: oh"),
        ("@hookimpl\ndef hookkit_pre_recieve(): pass", "there is no hook hookkit_pre_recieve"),
    ],
)
def test_a_broken_plugin_is_reported_and_the_rest_is_there(
    hookkit, plugin, source: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "_SECONDS", 1.0)
    plugin("a-good", SECTION.format(key="remotes", data=[1]))
    plugin("b-broken", source)
    found = status(hookkit)
    assert found["remotes"] == [1]
    rows = {row["name"]: row for row in found["plugins"]}
    assert str(rows["b-broken"]["problem"]).startswith(problem)
    assert rows["a-good"]["problem"] is None
    assert f"warning: plugin b-broken of acme-b-broken: {problem}" in hookkit("status").err


def test_one_that_is_off_is_not_loaded_for_status(hookkit, site, tmp_path: Path) -> None:
    site.plugin("check", f"open({str(tmp_path / 'imported')!r}, 'w')")
    rows = {row["name"]: row for row in status(hookkit)["plugins"]}
    assert (rows["check"]["enabled"], rows["check"]["hooks"]) == (False, [])
    assert not (tmp_path / "imported").exists()


def test_one_that_is_on_but_not_installed(hookkit, configure) -> None:
    configure("hookkit.gone.enabled", "true")
    rows = {row["name"]: row for row in status(hookkit)["plugins"]}
    assert (rows["gone"]["enabled"], rows["gone"]["problem"]) == (True, "not installed")


def test_hooks_that_are_needed_but_not_installed(hookkit, plugin, repo: Repository) -> None:
    shutil.rmtree(repo.state_dir)
    assert hookkit("install").status == 0
    assert "hint" not in hookkit("status").out
    plugin("check", "@hookimpl\ndef hookkit_update(repo): pass")
    assert "hint: plugins need hooks that are not installed (update): hookkit install" in hookkit("status").out


def test_wrong_configuration_is_an_error(hookkit, configure) -> None:
    configure("hookkit.node", "not a name")
    assert hookkit("status").status == 2


def test_mistakes_in_the_configuration_are_seen(hookkit, configure) -> None:
    configure("hookkit.mirror.wiat", "5")
    said = hookkit("status")
    assert said.status == 0
    assert "warning: hookkit.mirror.wiat = '5': there is no such option" in said.err
    assert "hint: hookkit config check" in said.out


def test_all(hookkit, repo: Repository, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "deep" / "er" / "b.git"], check=True)
    broken = tmp_path / "c.git"
    subprocess.run(["git", "init", "-q", "--bare", broken], check=True)
    (broken / "config").write_text("[broken")
    said = hookkit("status", "--all", str(tmp_path), "--json")
    assert said.status == 1
    assert [each["repository"] for each in json.loads(said.out)] == [str(tmp_path / "deep/er/b.git"), str(repo.git_dir)]
    assert said.errors[0].startswith(f"error: {broken}: ")
    said = hookkit("status", "--all", str(tmp_path))
    assert said.out.splitlines()[-1] == "3 repositories: 1 needs attention"
    assert f"hint: no hook starts hookkit in deep/er/b.git, {repo.git_dir.name}: hookkit install" in said.out


def test_all_in_one_table(hookkit, plugin, repo: Repository) -> None:
    """What needs attention is first, every line names its repository, and the last one says how many there are."""
    plugin(
        "check",
        """
@hookimpl
def hookkit_status(repo):
    verdicts = {"a.git": ("ok",), "b.git": ("ok", "problem"), "c.git": ("warning",)}[repo.git_dir.name]
    rows = [("main", "is " + verdict) for verdict in verdicts]
    return [Section("things", [], "Things", ("ref", "state"), rows, verdicts), Section("none", [], "None", ("a",))]
""",
    )
    folder = repo.git_dir.parent / "all"
    for name in ("a", "b", "c"):
        shutil.copytree(repo.git_dir, folder / f"{name}.git")
    said = hookkit("status", "--all", str(folder))
    assert said.out.splitlines() == [
        "Things:",
        "repository  ref   state",
        "b.git       main  is problem",
        "c.git       main  is warning",
        "a.git       main  is ok",
        "b.git       main  is ok",
        "",
        "hint: no hook starts hookkit in a.git, b.git, c.git: hookkit install",
        "3 repositories: 2 need attention",
    ]
    one = hookkit("status", "--all", str(folder / "a.git"))
    assert ".           main  is ok" in one.out
    assert one.out.endswith("1 repository: all is well\n")


def test_all_says_where_something_is_wrong(hookkit, plugin, repo: Repository) -> None:
    plugin("check", "@hookimpl\ndef hookkit_status(repo): raise ValueError('oh')")
    subprocess.run(["git", "-C", repo.git_dir, "config", "hookkit.mirror.wiat", "5"], check=True)
    said = hookkit("status", "--all", str(repo.git_dir.parent))
    broken, mistaken = said.errors
    assert broken.startswith(f"warning: {repo.git_dir.name}: plugin check of acme-check: ValueError: oh")
    assert mistaken.startswith(f"warning: {repo.git_dir.name}: hookkit.mirror.wiat = '5': ")
    assert said.out.endswith("1 repository: 1 needs attention\n")


# ---- plugins ----


def test_enable_tells_the_next_step(hookkit, site, repo: Repository) -> None:
    shutil.rmtree(repo.state_dir)
    site.plugin("check", "@hookimpl\ndef hookkit_update(repo): pass")
    assert hookkit("plugins", "enable", "check").out.splitlines() == [
        "check (acme-check 1.0) is on in this repository",
        "it implements update",
        "hint: hookkit is not installed here, so no hook runs yet: hookkit install",
    ]
    hookkit("install")
    assert (repo.git_dir / "hooks" / "update").exists()
    assert "update" in hookkit("plugins", "disable", "check").out
    assert not (repo.git_dir / "hooks" / "update").exists()
    assert "update: stub written" in hookkit("plugins", "enable", "check").out
    assert (repo.git_dir / "hooks" / "update").exists()


def test_what_is_not_there_cannot_be_switched(hookkit) -> None:
    for verb in ("enable", "disable"):
        said = hookkit("plugins", verb, "scritps")
        assert said == (2, "", "error: there is no plugin 'scritps'\nhint: did you mean scripts?\n")
    installed = "cluster, lfs, messages, mirror, notify, protect, scripts, setup, trigger"
    assert f"hint: installed are: {installed}" in hookkit("plugins", "enable", "zzzzz").err


def test_an_outsider_with_a_shipped_name_is_not_enabled_by_it(hookkit, site) -> None:
    site.plugin("scripts", "raise ValueError")
    assert hookkit("plugins", "enable", "scripts").out.startswith("scripts (hookkit ")


def test_list_looks_at_all(hookkit, site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "_SECONDS", 1.0)
    site.plugin("hangs", "import time; time.sleep(1000)")
    site.plugin("exits", "import os; os._exit(0)")
    site.plugin("check", "@hookimpl\ndef hookkit_update(repo): pass\n@hookimpl\ndef hookkit_pre_push(repo): pass")
    said = hookkit("plugins", "list")
    assert [line.split() for line in said.out.splitlines() if line.startswith("check")] == [
        ["check", "off", "acme-check", "1.0", "-", "pre-push", "update"]
    ]
    assert said.errors == [
        "warning: exits of acme-exits: ended its process without an answer (exit status 0)",
        "warning: hangs of acme-hangs: did not answer within 1s and was ended",
    ]


# ---- run ----


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        (["post-recieve"], "there is no hook 'post-recieve'", "did you mean post-receive?"),
        (["zzz"], "there is no hook 'zzz'", "see: git help hooks"),
        (["post-receive", "--stdin", "/no/such/file"], "cannot read /no/such/file", None),
    ],
)
def test_run_with_wrong_arguments(hookkit, args: list[str], error: str, hint: str | None) -> None:
    said = hookkit("run", *args)
    assert said.status == 2
    assert said.errors[0] == f"error: {error}"
    assert hint is None or said.errors[-1] == f"hint: {hint}"


def test_run_says_by_its_status_that_git_would_not_call_a_hook_so(repo: Repository, configure) -> None:
    """Also of a hook whose status git does not look at."""
    configure("hookkit.mirror.enabled", "true")
    command = [sys.executable, "-m", "hookkit", "run", "post-receive", "--stdin", "-"]
    env = {name: value for name, value in os.environ.items() if name != "GIT_DIR"}
    done = subprocess.run(command, input="nonsense\n", cwd=repo.git_dir, env=env, text=True, stderr=-1, check=False)
    assert done.returncode == 2
    assert "post-receive: arguments or input are not what git gives this hook" in done.stderr
