"""``hookkit metrics``, and plugins that answer it badly."""

import pytest

from hookkit import inspection
from hookkit.cli.metrics import exposition
from hookkit.values import Metric

IMPORT = "from hookkit.api import Metric\n"
GOOD = "@hookimpl\ndef hookkit_metrics(repo): return [Metric('good_things', 'Good.', 'gauge', 2.5, (('of', 'a'),))]"
RETURNS = "@hookimpl\ndef hookkit_metrics(repo): return [{}]"


def test_exposition_is_sorted_and_has_one_head_for_each_name() -> None:
    made = [
        Metric("b_total", "Bees.", "counter", 3, (("of", 'x"\\\n'),)),
        Metric("a_things", "Things.", "gauge", 1.5, (("of", "z"),)),
        Metric("a_things", "Things.", "gauge", 1, (("of", "y"),)),
    ]
    assert exposition(made) == exposition(reversed(made))
    assert exposition(made).splitlines() == [
        "# HELP a_things Things.",
        "# TYPE a_things gauge",
        'a_things{of="y"} 1.0',
        'a_things{of="z"} 1.5',
        "# HELP b_total Bees.",
        "# TYPE b_total counter",
        r'b_total{of="x\"\\\n"} 3.0',
    ]
    assert exposition([]) == ""


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("@hookimpl\ndef hookkit_metrics(repo): raise ValueError('oh')", "ValueError: oh"),
        ("@hookimpl\ndef hookkit_metrics(repo): import os; os._exit(3)", "ended its process without an answer"),
        (RETURNS.format("'text'"), "hookkit_metrics must return Metrics"),
        (RETURNS.format("Metric('a b', '', 'gauge', 1)"), "hookkit_metrics must return Metrics"),
        (RETURNS.format("Metric('a', '', 'counter', 1)"), "hookkit_metrics must return Metrics"),
        (RETURNS.format("Metric('a_total', '', 'gauge', 1)"), "hookkit_metrics must return Metrics"),
        (RETURNS.format("Metric('a', '', 'gauge', 1, (('node', 'x'),))"), "hookkit_metrics must return Metrics"),
    ],
)
def test_a_broken_plugin_is_reported_and_the_rest_is_there(
    hookkit, plugin, source: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "_SECONDS", 5.0)
    plugin("a-good", IMPORT + GOOD)
    plugin("b-broken", IMPORT + source)
    done = hookkit("metrics")
    assert done.status == 1
    assert 'good_things{node="' in done.out
    assert 'of="a"' in done.out
    assert "plugin 'b-broken' does not tell its metrics" in done.err
    assert problem in done.err
