"""The parts of a URL, against the regular expressions that say what they are."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from hookkit_plugins.mirror.urls import Parts, parts

SCHEMED = r"(?s)(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)(?:(?P<user>[^/@]*)@)?(?P<host>[^/]*)(?P<path>.*)"
SCP_LIKE = r"(?s)(?P<scheme>)(?:(?P<user>[^/@:]+)@)?(?P<host>\[[^\]/]*\]|[^/:]+):(?P<path>.*)"


def expected(url: str) -> Parts | None:
    found = re.match(SCHEMED, url) or re.match(SCP_LIKE, url)
    return (found["scheme"], found["user"] or "", found["host"], found["path"]) if found else None


@given(st.text("ab1/:@[].-\n") | st.from_regex(SCHEMED) | st.from_regex(SCP_LIKE) | st.text())
@example("ssh://git@bravo:2222/~/project.git")
@example("git@[::1]:x")
@example("[::1]:x")
@example("[a:b")
@example("a@b@c:d")
@example("a@/b:c")
@example("1a://b")
@example("@host:x")
@example("file:///srv/git")
def test_parts(url: str) -> None:
    assert parts(url) == expected(url)
