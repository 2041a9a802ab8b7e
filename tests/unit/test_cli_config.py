"""hookkit config."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hookkit.repository import Repository


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The account's and the machine's configuration files, empty."""
    for variable in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        (tmp_path / variable).write_text("")
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM", raising=False)
    return tmp_path / "GIT_CONFIG_GLOBAL"


OPTIONS = """
@hookimpl
def hookkit_options():
    return [
        options.integer("jobs", 2, "How many."),
        options.strings("refs", ("refs/heads/*",), "Which."),
        options.boolean("Loud", False, "Whether."),
        options.seconds("deadline", 1.5, "How long.", per_remote=True),
    ]
"""


@pytest.fixture(autouse=True)
def check(site, configure: Callable[..., None]) -> None:
    """A plugin with options of all kinds, which is on."""
    site.plugin("check", OPTIONS)
    configure("hookkit.check.enabled", "true")


def listed(hookkit) -> dict[str, dict[str, object]]:
    return {row["key"]: row for row in json.loads(hookkit("config", "list", "--json").out)}


def test_list(hookkit, configure, account: Path, repo: Repository) -> None:
    account.write_text('[hookkit "check"]\n\tjobs = 3\n')
    configure("hookkit.check.loud", "yes")
    rows = listed(hookkit)
    assert rows["hookkit.check.jobs"] == {
        "key": "hookkit.check.jobs",
        "plugin": "check",
        "value": 3,
        "scope": "global",
        "origin": str(account),
        "default": 2,
        "allowed": "a whole number from 0",
        "help": "How many.",
        "problem": None,
    }
    assert (rows["hookkit.check.Loud"]["value"], rows["hookkit.check.Loud"]["scope"]) == (True, "local")
    assert (rows["hookkit.check.refs"]["value"], rows["hookkit.check.refs"]["scope"]) == (["refs/heads/*"], "default")
    assert rows["hookkit.node"]["plugin"] is None
    assert rows["hookkit.mirror.enabled"]["default"] is True
    assert rows["remote.<remote>.hookkit-check-deadline"]["value"] == 1.5


def test_list_for_people(hookkit, configure, repo: Repository) -> None:
    configure("hookkit.check.jobs", "many")
    line = next(line for line in hookkit("config", "list").out.splitlines() if line.startswith("hookkit.check.jobs "))
    assert line.split("  ")[1].strip() or "not allowed!" in line
    assert f"{repo.git_dir / 'config'} (local)" in line
    assert line.endswith("How many.")


def test_options_per_remote(hookkit, configure) -> None:
    for name in ("alpha", "b.c"):
        configure(f"remote.{name}.url", "/x")
    configure("remote.alpha.hookkit-check-deadline", "9")
    rows = listed(hookkit)
    assert rows["remote.alpha.hookkit-check-deadline"]["value"] == 9
    assert rows["remote.b.c.hookkit-check-deadline"]["value"] == 1.5
    assert hookkit("config", "set", "remote.b.c.hookkit-check-deadline", "3").status == 0
    assert hookkit("config", "get", "remote.b.c.hookkit-check-deadline").out == "3\n"
    said = hookkit("config", "set", "remote.alhpa.hookkit-check-deadline", "3")
    assert (said.status, said.err) == (2, "error: there is no remote 'alhpa'\nhint: did you mean alpha?\n")


@pytest.mark.parametrize(
    ("key", "out"),
    [
        ("hookkit.check.jobs", "2\n"),
        ("HOOKKIT.check.JOBS", "2\n"),
        ("hookkit.check.refs", "refs/heads/*\n"),
        ("hookkit.check.loud", "false\n"),
        ("hookkit.node", "\n"),
        ("hookkit.check.timeout", "60\n"),
        ("hookkit.scripts.folder", "hooks.d\n"),
    ],
)
def test_get(hookkit, key: str, out: str) -> None:
    assert hookkit("config", "get", key) == (0, out, "")


def test_get_what_is_wrong(hookkit, configure, repo: Repository) -> None:
    configure("hookkit.check.jobs", "many")
    said = hookkit("config", "get", "hookkit.check.jobs")
    assert (said.status, said.out) == (2, "")
    assert said.errors == [
        "error: hookkit.check.jobs = 'many' is not allowed",
        f"caused by: {repo.git_dir / 'config'}",
        "hint: allowed: a whole number from 0",
    ]
    report = json.loads(hookkit("config", "get", "hookkit.check.jobs", "--json").out)
    assert report["value"] is None
    assert "'many' is not allowed" in report["problem"]


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        (["hookkit.check.job", "3"], "hookkit.check.job: there is no such option", "did you mean hookkit.check.jobs?"),
        (["hookkit.nod", "x"], "hookkit.nod: there is no such option", "did you mean hookkit.node?"),
        (["user.name", "x"], "user.name: there is no such option", "hookkit config list shows all options"),
        (
            ["hookkit.check.jobs", "many"],
            "hookkit.check.jobs = 'many' is not allowed",
            "allowed: a whole number from 0",
        ),
        (
            ["hookkit.check.jobs", "3", "--add"],
            "hookkit.check.jobs has one value only",
            "hookkit config set hookkit.check.jobs 3",
        ),
        (["hookkit.check.jobs", "3", "--global", "--system"], "--global and --system exclude each other", None),
    ],
)
def test_set_changes_nothing_that_is_wrong(
    hookkit, repo: Repository, args: list[str], error: str, hint: str | None
) -> None:
    before = (repo.git_dir / "config").read_bytes()
    said = hookkit("config", "set", *args)
    assert said.status == 2
    assert said.errors[0] == f"error: {error}"
    assert hint is None or said.errors[-1] == f"hint: {hint}"
    assert (repo.git_dir / "config").read_bytes() == before


@pytest.mark.parametrize("scope", ["local", "global", "system"])
def test_set_and_unset_in_every_scope(hookkit, scope: str) -> None:
    assert hookkit("config", "set", f"--{scope}", "hookkit.check.jobs", "7") == (0, "", "")
    row = listed(hookkit)["hookkit.check.jobs"]
    assert (row["value"], row["scope"]) == (7, scope)
    assert hookkit("config", "unset", f"--{scope}", "hookkit.check.jobs") == (0, "", "")
    assert listed(hookkit)["hookkit.check.jobs"]["scope"] == "default"


def test_set_replaces_what_stood_there_twice(hookkit, configure) -> None:
    for value in ("1", "2"):
        configure("hookkit.check.jobs", value, "--add")
    assert hookkit("config", "set", "hookkit.check.jobs", "3").status == 0
    assert hookkit("config", "get", "hookkit.check.jobs").out == "3\n"


def test_several_values(hookkit) -> None:
    hookkit("config", "set", "hookkit.check.refs", "refs/a")
    hookkit("config", "set", "--add", "hookkit.check.refs", "refs/b")
    assert hookkit("config", "get", "hookkit.check.refs").out == "refs/a\nrefs/b\n"
    hookkit("config", "set", "hookkit.check.refs", "refs/c")
    assert hookkit("config", "get", "hookkit.check.refs").out == "refs/c\n"


def test_it_is_said_who_decides(hookkit, configure, repo: Repository) -> None:
    configure("hookkit.check.jobs", "1")
    said = hookkit("config", "set", "--global", "hookkit.check.jobs", "3")
    assert said.err == f"warning: {repo.git_dir / 'config'} (local) sets hookkit.check.jobs too, and decides here\n"
    assert hookkit("config", "set", "hookkit.check.jobs", "2").err == ""


def test_unset_of_what_is_not_there_says_where_it_is(hookkit, configure, account: Path) -> None:
    account.write_text('[hookkit "check"]\n\tjobs = 3\n')
    said = hookkit("config", "unset", "hookkit.check.jobs")
    assert said.status == 2
    assert said.errors == [
        "error: hookkit.check.jobs is not set in the local configuration",
        f"hint: it is set in {account}: --global",
    ]


def test_unset_removes_mistakes_but_nothing_of_others(hookkit, configure) -> None:
    configure("hookkit.mirorr.wait", "3")
    assert hookkit("config", "check").status == 2
    assert hookkit("config", "unset", "hookkit.mirorr.wait").status == 0
    assert hookkit("config", "check").status == 0
    said = hookkit("config", "unset", "core.bare")
    assert (said.status, said.errors[0]) == (2, "error: core.bare is not a key of hookkit's")


def test_check_reports_every_mistake_with_its_file(hookkit, configure, repo: Repository, account: Path) -> None:
    assert hookkit("config", "check") == (0, "no mistakes\n", "")
    assert json.loads(hookkit("config", "check", "--json").out) == []
    account.write_text("[hookkit]\n\tnoed = alpha\n")
    configure("hookkit.check.jobs", "many")
    configure("remote.x.hookkit-check-dedline", "3")
    said = hookkit("config", "check")
    assert said.status == 2
    assert said.errors == [
        "error: hookkit.noed = 'alpha': there is no such option",
        f"caused by: {account}",
        "hint: did you mean hookkit.node?",
        "error: hookkit.check.jobs = 'many' is not allowed",
        f"caused by: {repo.git_dir / 'config'}",
        "hint: allowed: a whole number from 0",
        "error: remote.x.hookkit-check-dedline = '3': there is no such option",
        f"caused by: {repo.git_dir / 'config'}",
        "hint: did you mean remote.x.hookkit-check-deadline?",
    ]
    reports = json.loads(hookkit("config", "check", "--json").out)
    assert [report["cause"] for report in reports] == [str(account), *[str(repo.git_dir / "config")] * 2]


def test_check_reports_a_plugin_that_does_not_tell_its_options(hookkit, site, configure) -> None:
    site.plugin("broken", "@hookimpl\ndef hookkit_options(): return [1]")
    configure("hookkit.broken.enabled", "true")
    configure("hookkit.broken.anything", "x")
    said = hookkit("config", "check")
    assert said.status == 2
    assert said.errors == [
        "error: plugin 'broken' declares no options",
        "caused by: hookkit_options must return Options",
    ]
    assert hookkit("config", "get", "hookkit.check.jobs").status == 0


def test_keys_of_a_plugin_that_is_off_are_no_mistakes(hookkit, site, configure) -> None:
    site.plugin("other", OPTIONS)
    configure("hookkit.other.jobs", "many")
    configure("hookkit.other.enabled", "false")
    assert hookkit("config", "check").status == 0
    assert hookkit("config", "set", "hookkit.other.enabled", "off").status == 0
    said = hookkit("config", "set", "hookkit.other.jobs", "3")
    assert said.errors == [
        "error: hookkit.other.jobs: the options of plugin 'other' are known only while it is on",
        "hint: hookkit plugins enable other",
    ]


def test_secrets_are_not_shown(hookkit, configure) -> None:
    configure("hookkit.check.refs", "https://dana:hunter2@host/")
    for command in (["list"], ["list", "--json"], ["get", "hookkit.check.refs"]):
        out = hookkit("config", *command).out
        assert "hunter2" not in out
        assert "dana:***@host" in out


def test_values_that_look_like_options(hookkit) -> None:
    assert hookkit("config", "set", "hookkit.check.refs", "--", "--global").status == 0
    assert hookkit("config", "get", "hookkit.check.refs").out == "--global\n"


def test_outside_of_a_repository(hookkit, tmp_path: Path) -> None:
    outside = ("-C", str(tmp_path), "config")
    assert hookkit(*outside, "set", "--global", "hookkit.mirror.wait", "3") == (0, "", "")
    assert hookkit(*outside, "get", "hookkit.mirror.wait").out == "3\n"
    assert hookkit(*outside, "set", "hookkit.mirror.wait", "3").status == 2


def test_a_key_that_git_refuses(hookkit, repo: Repository) -> None:
    (repo.git_dir / "config.lock").write_text("")
    said = hookkit("config", "set", "hookkit.check.jobs", "3")
    assert said.status == 1
    assert "could not lock config file" in said.err
    assert subprocess.run(["git", "config", "hookkit.check.jobs"], check=False).returncode == 1
