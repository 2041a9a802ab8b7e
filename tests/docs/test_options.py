"""Every option, one test each, named after it: it is explained, and its default is one of the values that it allows."""

from pathlib import Path

import pytest
from support import reference

from hookkit.cli.options import text
from hookkit.gitconfig import Entry
from hookkit.options import Option

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "options.md").read_text()
OPTIONS = {each.config_key(plugin): each for plugin, declared in reference.all_options().items() for each in declared}


def entry(key: str, value: str) -> Entry:
    return Entry("local", "file:config", key, value)


@pytest.mark.parametrize(("key", "option"), OPTIONS.items(), ids=OPTIONS)
def test_option(key: str, option: Option[object]) -> None:
    (row,) = (line for line in PAGE.split("\n") if line.startswith(f"| `{key}` |"))
    assert row.count("|") - row.count("\\|") == 5
    assert option.help.endswith(".")
    assert option.help[0].isupper()
    assert option.allowed
    if option.many:
        assert isinstance(option.default, tuple)
        assert option.read([entry(key, each) for each in option.default]) == option.default
    elif option.default != "":
        assert option.read([entry(key, text(option.default))]) == option.default
