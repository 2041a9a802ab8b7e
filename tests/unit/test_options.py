"""Options: parsing, reading with origin, checking."""

from collections.abc import Callable

import pytest

from hookkit import options
from hookkit.errors import ConfigError
from hookkit.gitconfig import Entry, GitConfig
from hookkit.mistakes import check
from hookkit.options import Option, Settings, with_common

BOOL = options.boolean("flag", False, "A flag.")
NUMBER = options.integer("jobs", 8, "How many.", minimum=1, maximum=2048)
TIME = options.seconds("wait", 10, "How long.")
WORD = options.choice("diverged", "hold", "What to do.", ("hold", "overwrite"))
PATH = options.path("folder", "hooks.d", "Where.")
MANY = options.strings("refs", ("refs/heads/*",), "Which.", check=lambda text: text.startswith("refs/"))
NAME = options.string("name", "", "Who.", allowed="lower case", check=str.islower)
KIND = options.choice("kind", "mirror", "What it is.", ("peer", "mirror", "off"), per_remote=True, key="hookkit")
PER_REMOTE = options.seconds("deadline", 60, "How long.", per_remote=True)
ALL: list[Option[object]] = [BOOL, NUMBER, TIME, WORD, PATH, MANY, NAME, KIND, PER_REMOTE]


def config(*pairs: tuple[str, str | None]) -> GitConfig:
    return GitConfig([Entry("local", "file:/repo/config", key, value) for key, value in pairs])


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        *((BOOL, text, True) for text in ("true", "yes", "on", "1", "TRUE", " On ")),
        *((BOOL, text, False) for text in ("false", "no", "off", "0", "", "False")),
        (BOOL, None, True),
        (NUMBER, "3", 3),
        (NUMBER, " 2K ", 2048),
        (TIME, "0", 0),
        (TIME, "1.5", 1.5),
        (TIME, "3s", 3),
        (WORD, "Overwrite", "overwrite"),
        (PATH, " ~/x ", "~/x"),
        (NAME, "dana", "dana"),
    ],
)
def test_what_is_allowed(option: Option[object], text: str | None, value: object) -> None:
    settings = Settings(config((option.config_key("mirror"), text)), "mirror")
    assert settings.get(option) == value


@pytest.mark.parametrize(
    ("option", "text"),
    [
        *((BOOL, text) for text in ("tru", "2", "y", "enabled")),
        *((NUMBER, text) for text in ("", "0", "4096", "3k", "-1", "1.5", "many", None)),
        *((TIME, text) for text in ("-1", "nan", "inf", "1e12", "soon", "")),
        *((WORD, text) for text in ("", "holdd", None)),
        (PATH, "  "),
        (NAME, "Dana"),
        (NAME, ""),
        (MANY, "heads/*"),
    ],
)
def test_what_is_not_allowed_says_everything(option: Option[object], text: str | None) -> None:
    key = option.config_key("mirror")
    with pytest.raises(ConfigError) as caught:
        Settings(config((key, text)), "mirror").get(option)
    assert key in caught.value.message
    assert repr(text or "") in caught.value.message
    assert "/repo/config" in str(caught.value.cause)
    assert option.allowed in str(caught.value.hint)
    assert caught.value.exit_status == 2


def test_the_nearest_word_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings(config(("hookkit.mirror.diverged", "overwritte")), "mirror").get(WORD)
    assert caught.value.cause == "/repo/config: did you mean 'overwrite'?"


def test_a_secret_in_a_wrong_value_is_not_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings(config(("hookkit.mirror.wait", "https://dana:hunter2@host/")), "mirror").get(TIME)
    assert "hunter2" not in "".join(map(str, (caught.value, caught.value.cause, caught.value.hint)))


def test_defaults_and_many() -> None:
    assert Settings(config(), "mirror").get(NUMBER) == 8
    assert Settings(config(), "mirror").get(MANY) == ("refs/heads/*",)
    two = config(("hookkit.mirror.refs", "refs/a"), ("hookkit.mirror.refs", "refs/b"))
    assert Settings(two, "mirror").get(MANY) == ("refs/a", "refs/b")
    twice = config(("hookkit.mirror.wait", "bad"), ("hookkit.mirror.wait", "3"))
    assert Settings(twice, "mirror").get(TIME) == 3


@pytest.mark.parametrize(
    ("option", "plugin", "remote", "key"),
    [
        (TIME, "mirror", None, "hookkit.mirror.wait"),
        (options.NODE, None, None, "hookkit.node"),
        (KIND, "mirror", "alpha", "remote.alpha.hookkit"),
        (PER_REMOTE, "mirror", "a.b", "remote.a.b.hookkit-mirror-deadline"),
        (PER_REMOTE, "mirror", None, "remote.<remote>.hookkit-mirror-deadline"),
    ],
)
def test_keys(option: Option[object], plugin: str | None, remote: str | None, key: str) -> None:
    assert option.config_key(plugin, remote) == key


@pytest.mark.parametrize(
    ("key", "value", "mistake"),
    [
        ("hookkit.mirror.wait", "5", None),
        ("hookkit.mirror.timeout", "5", None),
        ("hookkit.mirror.enabled", "on", None),
        ("hookkit.node", "alpha", None),
        ("remote.x.hookkit", "peer", None),
        ("remote.x.url", "https://a:b@c", None),
        ("remote.x.hookkit-mirror-deadline", "5", None),
        ("hookkit.mirror.wiat", "5", "did you mean hookkit.mirror.wait?"),
        ("hookkit.mirorr.wait", "5", "did you mean hookkit.mirror.wait?"),
        ("hookkit.nod", "5", "did you mean hookkit.node?"),
        ("hookkit.zzz.qqq", "5", "hookkit config list shows all options"),
        ("remote.x.hookkit-mirror-deadlin", "5", "did you mean remote.x.hookkit-mirror-deadline?"),
        ("remote.x.hookkitt", "peer", "did you mean remote.x.hookkit?"),
        ("hookkit.mirror.wait", "soon", "allowed: seconds, 0 or more"),
        ("remote.x.hookkit", "per", "allowed: peer | mirror | off"),
        ("hookkit.node", "a b", f"allowed: {options.NODE.allowed}"),
        # of plugins that are installed but were not asked
        ("hookkit.other.anything", "x", None),
        ("hookkit.other.enabled", "x", "allowed: true or false"),
        ("hookkit.other.timeout", "x", "allowed: seconds, 0 or more"),
        ("remote.x.hookkit-other-anything", "x", None),
    ],
)
def test_check(key: str, value: str, mistake: str | None) -> None:
    found = check(config((key, value)), {"mirror": with_common(ALL)}, {"other"})
    assert [each.hint for each in found] == ([mistake] if mistake else [])
    assert all(key in each.message and "/repo/config" in str(each.cause) for each in found)


def test_check_finds_every_mistake_also_overruled_ones() -> None:
    wrong = config(("hookkit.mirror.wait", "soon"), ("hookkit.mirror.wait", "1"), ("hookkit.what", "x"))
    assert len(check(wrong, {"mirror": with_common(ALL)})) == 2


def test_what_all_plugins_have() -> None:
    own: Option[object] = options.seconds("timeout", 5, "Mine.")
    assert [each.name for each in with_common([])] == ["enabled", "timeout"]
    assert with_common([own])[1:] == [own]
    assert with_common([], on=True)[0].default is True


@pytest.mark.parametrize("name", ["alpha", "a1.example-2_x", "0", "a" * 63])
def test_node_names(name: str) -> None:
    assert options.NODE.parse(name) == name


@pytest.mark.parametrize("name", ["-a", ".a", "a b", "a/b", "ü", "", "a" * 64, "a\nb", "a..b", "a.", "a.lock"])
def test_no_node_names(name: str) -> None:
    with pytest.raises(ValueError):
        options.NODE.parse(name)


def test_integer_bounds_are_said() -> None:
    parse: Callable[[str], object] = options.integer("n", 1, "", minimum=1, maximum=9).parse
    with pytest.raises(ValueError, match="10 is out of range"):
        parse("10")
    assert options.integer("n", 1, "", minimum=1, maximum=9).allowed == "a whole number from 1 to 9"
