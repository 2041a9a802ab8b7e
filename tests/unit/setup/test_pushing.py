"""What came of a push, from git's answers."""

import pytest

from hookkit.api import Kind, NetworkResult
from hookkit_plugins.setup.pushing import read


def test_the_worst_of_several_urls_counts() -> None:
    said = "=\trefs/heads/a:refs/heads/a\t[up to date]\n!\trefs/heads/b:refs/heads/b\t[rejected] (fetch first)\n"
    other = "*\trefs/heads/a:refs/heads/a\t[new branch]\n \trefs/heads/b:refs/heads/b\t1..2\n"
    for text in (said + other, other + said):
        done = read("x", NetworkResult(1, f"To u\n{text}Done\n", "", 0.1))
        assert [(each.ref, each.result, each.why) for each in done.refs] == [
            ("refs/heads/a", "new", ""),
            ("refs/heads/b", "rejected", "fetch first"),
        ]
        assert not done.ok
        assert done.failure is None


@pytest.mark.parametrize(
    ("status", "stdout", "kind"),
    [
        (128, "", Kind.OFFLINE),
        (None, "=\trefs/heads/a:refs/heads/a\t[up to date]\n", Kind.TIMEOUT),
        # One of two places is up to date, the other is down.
        (1, "=\trefs/heads/a:refs/heads/a\t[up to date]\nDone\n", Kind.OFFLINE),
    ],
)
def test_a_remote_that_did_not_answer_is_not_ok(status: int | None, stdout: str, kind: Kind) -> None:
    done = read("x", NetworkResult(status, stdout, "ssh: connect: Connection refused\n", 9))
    assert done.failure is not None
    assert done.failure.kind is kind
    assert not done.ok
