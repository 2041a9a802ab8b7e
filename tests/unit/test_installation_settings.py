import pytest

from hookkit.installation import settings
from hookkit.installation.manifest import Setting

KEY = "receive.advertisePushOptions"
LOWER = KEY.lower()


@pytest.mark.parametrize(
    ("in_force", "ours", "wanted"),
    [
        ({}, {}, {KEY: "true"}),
        ({KEY: "false"}, {}, {KEY: "true"}),
        ({KEY: "true"}, {}, {}),
        ({KEY: "true"}, {KEY: Setting("true")}, {KEY: "true"}),
    ],
)
def test_only_what_is_not_in_force_anyway_is_wanted(in_force, ours, wanted):
    assert settings.wanted({KEY: "true"}, in_force, ours) == wanted


@pytest.mark.parametrize(
    ("ours", "wanted", "values", "edits", "record"),
    [
        pytest.param({}, {}, {}, [], {}, id="nothing"),
        pytest.param({}, {KEY: "true"}, {}, [("--replace-all", KEY, "true")], {KEY: Setting("true")}, id="new"),
        pytest.param(
            {},
            {KEY: "true"},
            {LOWER: ("false", None)},
            [("--replace-all", KEY, "true")],
            {KEY: Setting("true", ("false", None))},
            id="replaces, and remembers all values",
        ),
        pytest.param(
            {KEY: Setting("true", ("no",))},
            {KEY: "true"},
            {LOWER: ("true",)},
            [],
            {KEY: Setting("true", ("no",))},
            id="again",
        ),
        pytest.param(
            {KEY: Setting("true", ("no",))},
            {KEY: "true"},
            {LOWER: ("later",)},
            [("--replace-all", KEY, "true")],
            {KEY: Setting("true", ("no",))},
            id="set again, the first value is the one from before",
        ),
        pytest.param(
            {KEY: Setting("true")}, {}, {LOWER: ("true",)}, [("--unset-all", KEY)], {}, id="not wanted any more"
        ),
        pytest.param({KEY: Setting("true")}, {}, {LOWER: ("false",)}, [], {}, id="not wanted, but somebody's by now"),
    ],
)
def test_changes(ours, wanted, values, edits, record):
    assert settings.changes(ours, wanted, values) == (edits, record)


@pytest.mark.parametrize(
    ("before", "values", "edits"),
    [
        ((), ("true",), [("--unset-all", KEY)]),
        (("a", "b"), ("true",), [("--unset-all", KEY), ("--add", KEY, "a"), ("--add", KEY, "b")]),
        ((None,), ("true",), [("--unset-all", KEY), ("--add", KEY, "true")]),
        (("a",), ("user's",), []),
        (("a",), ("true", "user's"), []),
        (("a",), (), []),
    ],
)
def test_undo_leaves_alone_what_somebody_has_changed(before, values, edits):
    assert settings.undo(KEY, Setting("true", before), {LOWER: values}) == edits


@pytest.mark.parametrize(("values", "changed"), [(("true",), False), (("old",), False), ((), True), (("new",), True)])
def test_is_changed(values, changed):
    assert settings.is_changed(KEY, Setting("true", ("old",)), {LOWER: values}) is changed


def test_described():
    edits = [("--replace-all", KEY, "true"), ("--unset-all", "core.fsync"), ("--add", "core.fsync", "all")]
    assert settings.described(edits, {"core.fsync": ("committed",)}) == [
        f"{KEY}: set to true (was not set)",
        "core.fsync: taken back (was committed)",
    ]
