"""Hooks that a plugin has for other plugins."""

import pytest

from hookkit.api import Repository, call_plugins, has_plugins, hookspec
from hookkit.extension import Said


@hookspec
def hookkit_acme_asked(repo: Repository, question: str) -> str | None:
    """A question."""
    raise NotImplementedError


ECHO = "@hookimpl\ndef hookkit_acme_asked(repo, question): return {'to': question, 'in': repo.name}"
DECLARES = """
    @hookspec
    def hookkit_acme_asked(repo, question):
        "A question."

    @hookimpl
    def hookkit_hookspecs():
        return [hookkit_acme_asked]
"""


def test_every_plugin_that_is_on_is_called(repo, site, plugin) -> None:
    plugin("b-echo", ECHO)
    plugin("a-silent", "@hookimpl\ndef hookkit_acme_asked(): pass")
    plugin("c-first", "@hookimpl(tryfirst=True)\ndef hookkit_acme_asked(): return 1")
    plugin("d-other", "@hookimpl\ndef hookkit_status(): return []")
    site.plugin("e-off", ECHO)
    answers = call_plugins(repo, hookkit_acme_asked, question="why?")
    echo = Said("b-echo", {"to": "why?", "in": repo.name})
    assert sorted(answers) == sorted([Said("a-silent"), echo, Said("c-first", 1)])
    # What they implement is known now: in the order that they ask for, and nobody else is started.
    assert [said.plugin for said in call_plugins(repo, hookkit_acme_asked, question="")] == [
        "c-first",
        "a-silent",
        "b-echo",
    ]


def test_nobody_is_called_where_nobody_implements_it(repo, plugin) -> None:
    assert call_plugins(repo, hookkit_acme_asked, question="") == []
    assert not has_plugins(repo, hookkit_acme_asked)
    plugin("echo", ECHO)
    assert has_plugins(repo, hookkit_acme_asked)


@pytest.mark.parametrize(
    ("source", "failed"),
    [
        ("@hookimpl\ndef hookkit_acme_asked(): raise ValueError('oh')", "ValueError: oh"),
        ("@hookimpl\ndef hookkit_acme_asked(): import os; os._exit(3)", "without an answer"),
        ("@hookimpl\ndef hookkit_acme_asked(): return object()", "cannot be passed on"),
        ("@hookimpl\ndef hookkit_acme_asked(answer): pass", "cannot be loaded"),
        ("raise ImportError('gone')", "cannot be loaded: ImportError: gone"),
    ],
)
def test_one_that_fails_does_not_stop_the_others(repo, plugin, source: str, failed: str) -> None:
    plugin("a-broken", source)
    plugin("b-echo", ECHO)
    broken, echo = call_plugins(repo, hookkit_acme_asked, question="")
    assert failed in (broken.failed or "")
    assert echo.failed is None


def test_a_plugin_may_implement_what_another_one_declares(hookkit, site) -> None:
    site.plugin("echo", ECHO)
    refused = hookkit("plugins", "enable", "echo")
    assert refused.status == 1
    assert "there is no hook hookkit_acme_asked" in refused.err
    site.plugin("acme", DECLARES)
    assert hookkit("plugins", "enable", "echo").status == 0
    site.plugin("typo", "@hookimpl\ndef hookkit_acme_aksed(): pass")
    assert "did you mean hookkit_acme_asked?" in hookkit("plugins", "enable", "typo").err
