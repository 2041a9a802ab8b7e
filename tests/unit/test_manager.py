"""Loading plugins and asking them, in this process."""

import pytest

from hookkit.compatibility import unknown_hooks
from hookkit.distributions import scan
from hookkit.manager import SPECS, Plugins


def load(*names: str) -> Plugins:
    plugins = Plugins()
    plugins.load(found for found in scan() if found.name in names)
    return plugins


def test_gather_asks_each_and_survives_each(site) -> None:
    site.plugin("good", "@hookimpl\ndef hookkit_options(): return ['an option']")
    site.plugin("none", "@hookimpl\ndef hookkit_options(): return None")
    site.plugin("raises", "@hookimpl\ndef hookkit_options(): raise SystemExit(1)")
    plugins = load("good", "none", "raises")
    assert [(found.name, answer) for found, answer in plugins.gather("hookkit_options")] == [("good", ["an option"])]
    ((found, error),) = plugins.problems
    assert (found.name, error.message, error.cause) == (
        "raises",
        "plugin 'raises' failed in hookkit_options",
        "SystemExit: 1",
    )


def test_who_cannot_be_loaded_is_a_problem_and_the_others_are_there(site) -> None:
    site.plugin("broken", "raise ValueError('no')")
    site.plugin("good", "@hookimpl\ndef hookkit_options(): return []")
    plugins = load("broken", "good")
    assert [found.name for found in plugins.found] == ["good"]
    ((found, error),) = plugins.problems
    assert (found.name, error.cause) == ("broken", "ValueError: no")


def test_misspelt_hooks_are_found(site) -> None:
    site.plugin(
        "check", "@hookimpl\ndef hookkit_pre_recieve(repo, push): pass\n@hookimpl\ndef hookkit_status(repo): pass"
    )
    plugins = load("check")
    (found,) = plugins.found
    assert set(plugins.implemented(found)) == {"hookkit_pre_recieve", "hookkit_status"}
    assert unknown_hooks(plugins.unknown(found), SPECS) == [
        "there is no hook hookkit_pre_recieve (did you mean hookkit_pre_receive?)"
    ]


def test_a_wrong_signature_is_a_problem(site) -> None:
    site.plugin("check", "@hookimpl\ndef hookkit_status(repository): pass")
    ((_, error),) = load("check").problems
    assert "repository" in str(error.cause)


def test_arguments_may_be_left_out(site) -> None:
    site.plugin("check", "@hookimpl\ndef hookkit_post_receive(push): return push")
    ((_, call),) = load("check").calls("hookkit_post_receive", repo=None, push=5)
    assert call() == 5


@pytest.mark.parametrize("value", ["no.such.module", "os:no.such.attribute"])
def test_an_entry_point_to_nowhere(site, value: str) -> None:
    site.distribution("acme", f"check = {value}")
    ((_, error),) = load("check").problems
    assert error.message == "plugin 'check' of acme cannot be loaded"
