"""Third-party plugins, each in a distribution of its own, installed with pip: what they can do, and what they cannot."""

import json
from pathlib import Path

import pytest
from support.commands import Done
from support.distributions import Environment

GOOD = """
WAIT = options.seconds("patience", 3, "How long.")

@hookimpl
def hookkit_options():
    return [WAIT]

@hookimpl
def hookkit_pre_receive(repo, push):
    for update in push.updates:
        if update.ref.endswith("/frozen"):
            return Refusal("this branch is frozen")
    print("acme looked at", len(push.updates), "refs")
"""
BROKEN = {
    "raises": "raise ValueError('oh no')",
    "exits": "raise SystemExit(0)",
    "hangs": "import time; time.sleep(1000)",
    "garbage": "import os; os.write(1, bytes(range(256)) * 8); os._exit(0)",
}
SPEAKS = """
@hookimpl
def hookkit_{hook}(repo, push):
    {code}
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Everything that may go wrong, installed at once: it is all off."""
    environment = Environment(tmp_path_factory.mktemp("plugins"))
    broken = {
        name: "".join(SPEAKS.format(hook=hook, code=code) for hook in ("pre_receive", "post_receive"))
        for name, code in BROKEN.items()
    }
    broken["typo"] = SPEAKS.format(hook="pre_recieve", code="pass")
    broken["unimportable"] = "raise SystemExit('not today')"
    broken["stuck"] = "import os; os._exit(5)"
    sources = [
        environment.distribution("acme-check", check=GOOD),
        environment.distribution("acme-broken", **broken),
        environment.distribution("acme-claim", claimed=GOOD),
        environment.distribution("bolt-claim", claimed=GOOD),
        environment.distribution("evil", mirror=f"open({str(environment.root / 'taken')!r}, 'w')"),
    ]
    environment.install(*sources)
    return environment


class Site:
    """A bare repository with hookkit installed, another one that it mirrors to, and somebody's clone."""

    def __init__(self, environment: Environment, root: Path) -> None:
        self.environment = environment
        self.server = root / "server.git"
        self.backup = root / "backup.git"
        self.work = root / "work"
        root.mkdir(exist_ok=True)
        for path in (self.server, self.backup):
            environment.run("git", "init", "-q", "--bare", str(path), cwd=root)
        environment.run("git", "clone", "-q", str(self.server), str(self.work), cwd=root)
        environment.run("git", "remote", "add", "backup", str(self.backup), cwd=self.server)
        self.hookkit("install")

    def hookkit(self, *args: str, check: bool = True) -> Done:
        return self.environment.hookkit(*args, cwd=self.server, check=check)

    def push(self, branch: str = "main") -> Done:
        """Commit something and push it to ``branch`` of the server."""
        self.environment.run("git", "commit", "-q", "--allow-empty", "-m", "a change", cwd=self.work)
        return self.environment.run("git", "push", "-q", "origin", f"HEAD:{branch}", cwd=self.work, check=False)

    def refs(self, path: Path) -> str:
        return self.environment.run("git", "for-each-ref", cwd=path).stdout

    def is_mirrored(self) -> bool:
        """The backup has what the server has, and that is something."""
        return self.refs(self.backup) == self.refs(self.server) != ""


@pytest.fixture
def place(environment: Environment, tmp_path: Path) -> Site:
    return Site(environment, tmp_path)


def listed(place: Site) -> dict[str, dict[str, object]]:
    """``hookkit plugins list`` by distribution and name."""
    rows = json.loads(place.hookkit("plugins", "list", "--json").stdout)
    return {f"{row['distribution']}:{row['name']}": row for row in rows}


def test_it_is_listed_and_off_and_does_not_run(place: Site) -> None:
    row = listed(place)["acme-check:check"]
    assert (row["version"], row["state"], row["enabled"]) == ("1.0", "off", False)
    assert (row["hooks"], row["problem"], row["origin"]) == (["pre-receive"], None, None)
    done = place.push("frozen")
    assert done.status == 0
    assert not any("acme" in line for line in done.remote)
    assert place.is_mirrored()


def test_it_runs_where_it_is_enabled_and_nowhere_else(place: Site, environment: Environment, tmp_path: Path) -> None:
    other = Site(environment, tmp_path / "other")
    said = place.hookkit("plugins", "enable", "check").stdout.splitlines()
    assert said == ["check (acme-check 1.0) is on in this repository", "it implements pre-receive"]
    assert "acme looked at 1 refs" in place.push().remote
    assert "acme looked at 1 refs" not in other.push().remote
    assert place.is_mirrored()
    row = listed(place)["acme-check:check"]
    assert (row["state"], row["scope"], row["origin"]) == ("on", "local", str(place.server / "config"))


def test_its_refusal_shows_its_name_and_its_reason_to_who_pushes(place: Site) -> None:
    place.hookkit("plugins", "enable", "check")
    done = place.push("frozen")
    assert done.status == 1
    assert "hookkit: refused by check: this branch is frozen" in done.remote
    assert "pre-receive hook declined" in done.stderr
    assert place.refs(place.server) == place.refs(place.backup) == ""


def test_enabled_for_the_account_and_off_for_one_repository(place: Site, environment: Environment) -> None:
    said = place.hookkit("plugins", "enable", "--global", "check").stdout
    try:
        assert "check (acme-check 1.0) is on for this account" in said
        assert "hookkit install --all DIR" in said
        assert "acme looked at 1 refs" in place.push().remote
        place.hookkit("plugins", "disable", "check")
        assert "acme looked at 1 refs" not in place.push().remote
        assert "decides here" in place.hookkit("plugins", "enable", "--global", "check").stderr
    finally:
        environment.run("git", "config", "--global", "--remove-section", "hookkit.check", cwd=environment.root)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_refuses_where_it_might_have_and_disturbs_nobody(place: Site, name: str) -> None:
    place.hookkit("plugins", "enable", name)
    place.hookkit("plugins", "enable", "check")
    place.hookkit("config", "set", f"hookkit.{name}.timeout", "1")
    done = place.push()
    assert done.status == 1
    assert any(line.startswith(f"hookkit: refused, since plugin {name} (acme-broken) ") for line in done.remote)
    assert "acme looked at 1 refs" in done.remote
    assert all(char.isprintable() or char in "\n\t\x1b" for char in done.stderr.replace("\x1b[K", ""))
    assert place.refs(place.server) == ""


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_cannot_break_the_mirror(place: Site, environment: Environment, name: str) -> None:
    place.hookkit("plugins", "enable", name)
    place.hookkit("config", "set", f"hookkit.{name}.timeout", "1")
    stub = place.server / "hooks" / "pre-receive"
    stub.unlink()  # as where only post-receive is to be had: there, nothing can be refused
    done = place.push()
    assert done.status == 0
    assert any(line.startswith(f"hookkit: plugin {name} (acme-broken) ") for line in done.remote)
    assert place.is_mirrored()


def test_one_that_is_broken_can_be_switched_off(place: Site) -> None:
    place.environment.run("git", "config", "hookkit.stuck.enabled", "true", cwd=place.server)
    assert place.push().status == 1
    assert "stuck" in place.hookkit("--help").stderr
    assert place.hookkit("plugins", "disable", "stuck").stdout.startswith("stuck is off in this repository")
    assert place.push().status == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("claimed", "the name 'claimed' is also claimed by bolt-claim: uninstall one of them"),
        ("typo", "there is no hook hookkit_pre_recieve (did you mean hookkit_pre_receive?)"),
        ("unimportable", "cannot be loaded: SystemExit: not today"),
        ("stuck", "ended its process without an answer (exit status 5)"),
    ],
)
def test_what_is_not_fit_to_run_is_not_enabled(place: Site, name: str, why: str) -> None:
    before = (place.server / "config").read_bytes()
    done = place.hookkit("plugins", "enable", name, check=False)
    assert done.status == 1
    assert done.stderr.splitlines()[0].startswith(f"error: plugin '{name}' of ")
    assert done.stderr.splitlines()[1] == f"caused by: {why}"
    assert (place.server / "config").read_bytes() == before


def test_the_nearest_name_is_named(place: Site) -> None:
    done = place.hookkit("plugins", "enable", "chekc", check=False)
    assert (done.status, done.stderr) == (2, "error: there is no plugin 'chekc'\nhint: did you mean check?\n")


def test_two_that_claim_one_name_are_an_error_that_names_both(place: Site) -> None:
    rows = listed(place)
    assert "bolt-claim" in str(rows["acme-claim:claimed"]["problem"])
    assert "acme-claim" in str(rows["bolt-claim:claimed"]["problem"])
    place.environment.run("git", "config", "hookkit.claimed.enabled", "true", cwd=place.server)
    done = place.push()
    assert done.status == 1
    assert sum("is also claimed by" in line for line in done.remote) == 2


def test_no_outsider_takes_the_name_of_the_mirror(place: Site, environment: Environment) -> None:
    row = listed(place)["evil:mirror"]
    assert row["problem"] == "the name 'mirror' belongs to a plugin that ships with hookkit"
    assert row["enabled"] is False
    place.hookkit("plugins", "enable", "mirror")
    assert place.push().status == 0
    assert place.is_mirrored()
    for command in ("status", "config check", "mirror status", "plugins list"):
        place.hookkit(*command.split())
    assert not (environment.root / "taken").exists()


def test_its_options_are_known_while_it_is_on(place: Site) -> None:
    done = place.hookkit("config", "set", "hookkit.check.patience", "5", check=False)
    assert done.status == 2
    assert done.stderr.endswith("hint: hookkit plugins enable check\n")
    place.hookkit("plugins", "enable", "check")
    place.hookkit("config", "set", "hookkit.check.patience", "5")
    assert place.hookkit("config", "get", "hookkit.check.patience").stdout == "5\n"
    place.environment.run("git", "config", "hookkit.check.patiense", "5", cwd=place.server)
    done = place.hookkit("config", "check", check=False)
    assert done.status == 2
    assert "did you mean hookkit.check.patience?" in done.stderr
    place.hookkit("plugins", "disable", "check")
    place.hookkit("config", "check")


def test_what_is_installed_and_removed_later_is_noticed(place: Site, environment: Environment) -> None:
    assert place.push().status == 0
    environment.install(
        environment.distribution("acme-late", late=SPEAKS.format(hook="pre_receive", code="print('late')"))
    )
    place.hookkit("plugins", "enable", "late")
    assert "late" in place.push().remote
    environment.uninstall("acme-late")
    done = place.push()
    assert done.status == 1
    assert any("plugin late is switched on in " in line and "but not installed" in line for line in done.remote)
    assert listed(place)["-:late"]["problem"] == "not installed"
    place.hookkit("plugins", "disable", "late")
    assert place.push().status == 0


def test_one_that_is_installed_for_editing_runs_in_hooks_too(tmp_path: Path) -> None:
    """Python finds it through a .pth file, which hooks leave out of Python's start until somebody's plugin is loaded."""
    environment = Environment(tmp_path / "environment")
    sources = environment.distribution("acme-check", check=GOOD)
    environment.install(sources, editable=True)
    place = Site(environment, tmp_path)
    place.hookkit("plugins", "enable", "check")
    assert "acme looked at 1 refs" in place.push().remote
    (module,) = sources.glob("*.py")
    module.write_text(module.read_text().replace("looked at", "saw"))
    assert "acme saw 1 refs" in place.push().remote
    assert place.is_mirrored()
