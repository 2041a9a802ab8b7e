"""The quick answer writes down what the long way does, or leaves the push to it."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from hookkit.api import HookkitError, Push, RefUpdate, Repository
from hookkit.quick import Call
from hookkit_plugins.cluster import guard, marks, quick, settings

MAIN = RefUpdate("refs/heads/main", "1" * 40, "2" * 40)
TAG = RefUpdate("refs/tags/v1", "0" * 40, "3" * 40)
ODD = RefUpdate("refs/heads/a\u2028b\udcff", "1" * 40, "2" * 40)


@pytest.fixture
def there(repo: Repository) -> Repository:
    """A repository that was pushed to before."""
    (repo.plugin_dir("cluster") / quick.FOLDER).mkdir()
    return repo


def call(repo: Repository, *updates: RefUpdate, hook: str = "pre-receive") -> Call:
    made = Call(hook, str(repo.git_dir))
    made._stdin = b"".join(os.fsencode(f"{old} {new} {ref}\n") for ref, old, new in updates)
    return made


def written(repo: Repository) -> list[tuple[Sequence[RefUpdate], str | None]]:
    found = [(mark.updates, mark.pusher) for mark in marks.there(repo)]
    for mark in marks.there(repo):
        mark.path.unlink()
    return found


@pytest.mark.parametrize("updates", [(MAIN,), (TAG, MAIN), (ODD,)])
def test_the_same_is_written_down(
    there: Repository, updates: tuple[RefUpdate, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GL_USER", "dana")
    assert guard.before_push(there, settings.read(there), Push(updates, (), "dana")) is None
    long_way = written(there)
    assert quick.settled(call(there, *updates))
    assert written(there) == long_way == [(updates, "dana")]


def test_a_push_is_not_refused_because_it_could_not_be_watched(there: Repository) -> None:
    (there.state_dir / "cluster" / quick.COMING).touch()
    assert guard.before_push(there, settings.read(there), Push((MAIN,), (), None)) is None
    assert quick.settled(call(there, MAIN))
    marks.begin(there, [MAIN])
    assert written(there) == [((MAIN,), None)] * 2


def test_a_push_that_cannot_be_written_down_is_refused(repo: Repository) -> None:
    (repo.plugin_dir("cluster") / quick.FOLDER).touch()
    assert not quick.settled(call(repo, MAIN))
    with pytest.raises(HookkitError, match=r"cannot be written down in .*pushes"):
        guard.before_push(repo, settings.read(repo), Push((MAIN,), (), None))


@pytest.mark.parametrize(
    "ref", ["refs/hookkit/journal/alpha", "refs/hookkit/x", "refs/conflicts/alpha.1/heads/main", "refs/hookkit/"]
)
def test_what_is_to_be_judged_is_left_to_the_long_way(there: Repository, ref: str) -> None:
    assert not quick.settled(call(there, MAIN, RefUpdate(ref, "1" * 40, "0" * 40)))
    assert written(there) == []


def test_other_hooks_and_a_first_push_are_left_to_it_too(repo: Repository) -> None:
    assert not quick.settled(call(repo, MAIN))
    assert not quick.settled(call(repo, MAIN, hook="post-receive"))


@pytest.mark.parametrize(
    ("name", "value", "quickly"),
    [
        ("enabled", "true", True),
        ("key", "/keys/alpha", True),
        ("key", "", False),
        ("verify", "perhaps", False),
        ("conflict", "merge", False),
        ("sginers", "x", False),
    ],
)
def test_where_something_might_have_to_be_explained(
    there: Repository, configure: Callable[..., None], name: str, value: str, quickly: bool
) -> None:
    configure(f"hookkit.cluster.{name}", value)
    assert quick.settled(call(there, MAIN)) is quickly


def test_next_to_nothing_is_imported() -> None:
    code = f"import sys; sys.path += {sys.path!r}\nfrom hookkit_plugins.cluster import quick\nprint(*sys.modules)"
    command = (sys.executable, "-I", "-S", "-c", code)
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "hookkit_plugins.cluster.quick" in imported
    assert not {"typing", "pathlib", "subprocess", "pluggy", "hookkit.api"} & {*imported}
