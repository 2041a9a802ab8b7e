"""Plugins and doctor: what is wrong with them, and the checks that they bring."""

import pytest
from support.fakes import install_plugins

from hookkit.api import Check, HookkitError, Repository

from .conftest import git


@pytest.fixture
def plugins(bare, monkeypatch):
    def plugins(**given):
        install_plugins(monkeypatch, given)
        (bare / "hookkit/plugins.json").unlink()  # what is installed has changed

    return plugins


def brings(*checks):
    def hookkit_doctor(repo: Repository):
        return checks

    return hookkit_doctor


def test_a_plugin_brings_checks(plugins, doctor):
    plugins(lint=[brings(Check("rules", "ok", "3 of them"), Check("cache", "warning", "is cold", "warm it"))])
    status, found = doctor()
    assert status == 0
    assert found["rules"] == {
        "source": "lint",
        "name": "rules",
        "verdict": "ok",
        "cause": "3 of them",
        "hint": None,
        "fixable": False,
        "fixed": False,
    }
    assert found["cache"]["hint"] == "warm it"


def test_a_plugin_fixes_in_its_own_process_and_looks_again(plugins, doctor, bare):
    def hookkit_doctor(repo: Repository):
        if not (repo.git_dir / "rules").exists():
            yield Check("rules", "problem", "there are none", "write some", (repo.git_dir / "rules").touch)

    plugins(lint=[hookkit_doctor])
    assert doctor()[0] == 1
    assert not (bare / "rules").exists()
    status, found = doctor("--fix")
    assert status == 0
    assert found["rules"]["fixed"]
    assert (bare / "rules").exists()


def test_a_fix_that_does_not_help_is_not_called_fixed(plugins, doctor):
    plugins(lint=[brings(Check("rules", "problem", "there are none", fix=lambda: None))])
    status, found = doctor("--fix")
    assert status == 1
    assert found["rules"]["cause"] == "there are none (--fix did not help: it is still there)"


def test_a_fix_that_is_refused_says_why(plugins, doctor):
    def fix():
        raise HookkitError("not today")

    plugins(lint=[brings(Check("rules", "problem", "there are none", fix=fix))])
    assert "not today" in doctor("--fix")[1]["rules"]["cause"]


def raises(repo: Repository):
    raise RuntimeError("boom")


def exits(repo: Repository):
    raise SystemExit(7)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (raises, "RuntimeError: boom"),
        (exits, "called exit(7)"),
        (lambda: 7, "hookkit_doctor must return Checks"),
        (lambda: ["fine"], "hookkit_doctor must return Checks"),
    ],
)
def test_a_plugin_that_does_not_answer_stops_nobody(plugins, doctor, answer, says):
    answer.__name__ = "hookkit_doctor"
    plugins(lint=[answer], other=[brings(Check("rules", "ok"))])
    status, found = doctor()
    assert status == 1
    assert says in found["plugin lint"]["cause"]
    assert found["plugin lint"]["hint"] == "hookkit plugins disable lint"
    assert found["rules"]["verdict"] == "ok"


def test_a_plugin_that_does_not_know_its_needs(plugins, doctor):
    def hookkit_hooks(repo: Repository):
        return ["post-recieve"]

    plugins(lint=[hookkit_hooks])
    status, found = doctor()
    assert status == 1
    assert "did you mean post-receive?" in found["needs of lint"]["cause"]


def test_plugins_that_want_different_things(plugins, doctor):
    def hookkit_install():
        return {"core.fsync": "none"}

    def other():
        return {"core.fsync": "all"}

    other.__name__ = "hookkit_install"
    plugins(lint=[hookkit_install], other=[other])
    assert "other wants core.fsync = all" in doctor()[1]["needs of other"]["cause"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("@hookimpl\ndef hookkit_post_recieve(repo):\n    pass\n", "did you mean hookkit_post_receive?"),
        ("@hookimpl\ndef hookkit_post_receive(repo, pushed):\n    pass\n", "pushed"),
    ],
)
def test_a_broken_plugin(site, doctor, bare, source, says):
    site.plugin("lint", source)
    git(bare, "config", "hookkit.lint.enabled", "true")
    status, found = doctor()
    assert status == 1
    assert "acme-lint 1.0: " in found["plugin lint"]["cause"]
    assert says in found["plugin lint"]["cause"]
    assert found["plugin lint"]["hint"] == "hookkit plugins disable lint"
    assert sum("lint" in name for name in found) == 1


def test_two_distributions_claim_one_name(site, doctor, bare):
    for distribution in ("acme", "zenith"):
        site.plugin("lint", "", distribution=distribution)
    git(bare, "config", "hookkit.lint.enabled", "true")
    status, found = doctor()
    assert status == 1
    assert "also claimed by acme" in found["plugin lint"]["cause"]


def test_an_outsider_that_took_a_shipped_name_is_a_warning(site, doctor):
    site.plugin("scripts", "")
    status, found = doctor()
    assert status == 0
    assert found["plugin scripts"]["verdict"] == "warning"
    assert "belongs to a plugin that ships with hookkit" in found["plugin scripts"]["cause"]
