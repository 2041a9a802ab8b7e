"""The entry-point scan, and what is wrong with names."""

import pytest

from hookkit import distributions
from hookkit.distributions import Found, judge, scan
from hookkit.gitconfig import Entry, GitConfig


def found(name: str) -> list[Found]:
    return [each for each in scan() if each.name == name]


def test_the_shipped_plugins_are_there() -> None:
    shipped = {each.name: each.default for each in scan() if each.shipped}
    assert shipped["mirror"] is True
    assert shipped["scripts"] is False


def test_a_third_party_plugin(site) -> None:
    site.distribution("Acme_Check.It", "check = acme.check:plugin", version="2.1")
    (plugin,) = found("check")
    assert plugin == Found("check", "acme-check-it", "2.1", "acme.check:plugin")
    assert (plugin.id, plugin.shipped, plugin.module) == ("acme-check-it:check", False, "acme.check")
    assert plugin.attributes == ["plugin"]


def test_several_plugins_in_one_distribution(site) -> None:
    site.distribution("acme", "one = a", "two = b")
    assert [(each.name, each.problem) for each in scan() if each.distribution == "acme"] == [
        ("one", None),
        ("two", None),
    ]


def test_two_distributions_that_claim_one_name_are_both_unusable(site) -> None:
    site.distribution("acme", "check = a")
    site.distribution("bolt", "check = b")
    assert {each.distribution: each.problem for each in found("check")} == {
        "acme": "the name 'check' is also claimed by bolt: uninstall one of them",
        "bolt": "the name 'check' is also claimed by acme: uninstall one of them",
    }


def test_no_outsider_takes_a_shipped_name(site) -> None:
    site.distribution("acme", "mirror = evil")
    shipped, outsider = found("mirror")
    assert (shipped.distribution, shipped.problem) == ("hookkit", None)
    assert not outsider.default
    assert outsider.problem == "the name 'mirror' belongs to a plugin that ships with hookkit"


def test_no_outsider_is_on_by_default(site) -> None:
    site.distribution("acme", "check = a")
    site.distribution("acme-default", "check = a", group=distributions.DEFAULT_GROUP)
    assert [each.default for each in found("check")] == [False]


@pytest.mark.parametrize("name", ["hookkit", "Hookkit", "HOOK-KIT".replace("-", "")])
def test_a_second_distribution_of_the_shipped_name_is_hidden_as_its_modules_are(site, name: str) -> None:
    folder = site.distribution(name, "evil = evil")
    (folder / "entry_points.txt").write_text("[hookkit.plugins]\nevil = evil\n[hookkit.plugins.default]\nevil = evil\n")
    assert found("evil") == []


@pytest.mark.parametrize("name", ["Check", "1check", "check_it", "che ck", "ü", "a/b"])
def test_names_that_are_not_valid(name: str) -> None:
    (judged,) = judge([Found(name, "acme", "1", "a")])
    assert f"the name {name!r} is not valid" in str(judged.problem)


def test_a_broken_distribution_is_reported_and_harms_no_other(site) -> None:
    site.distribution("good", "good = a")
    (site.distribution("torn") / "entry_points.txt").write_text("[hookkit.plugins]\nno equals sign\n")
    (site.distribution("garbage") / "entry_points.txt").write_bytes(b"\xff\xfe[hookkit.plugins]\na = b")
    (site.distribution("nameless", "nameless = a") / "METADATA").write_text("")
    (site.distribution("bytes", "bytes = a") / "METADATA").write_bytes(b"Name: \xff\n")
    problems = {each.name: str(each.problem) for each in scan() if each.problem}
    assert problems.keys() == {"torn", "garbage", "nameless", "bytes"}
    assert problems["torn"].startswith("its entry points cannot be read: ")
    assert problems["garbage"].startswith("its entry points cannot be read: ")
    assert problems["nameless"] == "its distribution does not say its name"
    assert problems["bytes"] == "its distribution does not say its name"
    assert found("good")[0].problem is None


def test_a_distribution_without_version(site) -> None:
    (site.distribution("acme", "check = a") / "METADATA").write_text("Name: acme\n")
    assert found("check")[0].version == "unknown"


def test_only_what_an_isolated_interpreter_sees_counts(site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.distribution("acme", "check = a")
    assert found("check")
    monkeypatch.setenv("PYTHONPATH", f"/elsewhere:{site.path}")
    assert not found("check")
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.setattr("site.getusersitepackages", lambda: str(site.path))
    assert not found("check")


def test_a_folder_that_is_not_site_packages_is_not_searched(site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.distribution("acme", "check = a")
    other = site.path.rename(site.path.with_name("work"))
    monkeypatch.syspath_prepend(str(other))
    assert not found("check")


@pytest.mark.parametrize(
    ("default", "value", "on"),
    [(False, None, False), (True, None, True), (True, "false", False), (False, "yes", True), (False, "", False)],
)
def test_enabled(default: bool, value: str | None, on: bool) -> None:
    entries = [] if value is None else [Entry("local", "f", "hookkit.check.enabled", value)]
    assert Found("check", "acme", "1", "a", default=default).enabled(GitConfig(entries)) is on


def test_only_what_ships_may_answer_quickly(site) -> None:
    folder = site.distribution("acme", "check = a")
    text = "[hookkit.plugins]\ncheck = a\n[hookkit.plugins.quick]\ncheck = a\nmirror = a\n"
    (folder / "entry_points.txt").write_text(text)
    shipped = {name: f"hookkit_plugins.{name}.quick" for name in ("cluster", "mirror")}
    assert {each.name: each.quick for each in scan() if each.quick} == shipped
