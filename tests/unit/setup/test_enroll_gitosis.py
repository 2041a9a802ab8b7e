"""gitosis.conf: members and repositories for a group, and nothing else, in files as people have them."""

import configparser
import difflib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit.api import UsageError
from hookkit_plugins.setup.enroll import gitosis, gitosis_edit, gitosis_file, keydir, matching
from hookkit_plugins.setup.keys import PublicKey, parse

FILES = sorted((Path(__file__).parent / "gitosis").glob("*.conf"))
MEMBERS = ["git_alpha.example.org", "git_bravo"]
GROUP = "group grp_mirror"
KEY = parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKz0bcHUNKEYXPSMQ6lzZ5vhPOsF1yXzv6VxTcU6UPb alpha", "alpha.pub")
OTHER = PublicKey(KEY.kind, KEY.base64[:-4] + "abcd", "other")


def independent(text: str) -> dict[str, dict[str, str]]:
    """What Python's own parser makes of it, as a gitosis on Python 3 would have it."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_file(io.StringIO(text, newline=None))
    return {section: dict(parser.items(section)) for section in parser.sections()}


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went, and those that came."""
    lines = list(difflib.ndiff(before.split("\n"), after.split("\n")))
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


def repositories_of(text: str) -> list[str]:
    names, _ = gitosis.known(text)
    return matching.repositories(["*"], names, gitosis.ADMIN)[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_exactly_the_new_grants(path: Path) -> None:
    before = keydir.text_of(path)
    repositories = repositories_of(before)
    after = gitosis_edit.granted(before, "grp_mirror", MEMBERS, repositories)
    old, new = independent(before), independent(after)
    group = new.pop(GROUP)
    had = old.pop(GROUP, {})
    assert new == old
    writable = "writeable" if "writeable" in had and "writable" not in had else "writable"
    granted_before = {*had.get("writable", "").split(), *had.get("writeable", "").split()}
    lacking = [name for name in repositories if name not in granted_before]
    assert sorted(group["members"].split()) == sorted([*had.get("members", "").split(), *MEMBERS])
    assert sorted(group.get(writable, "").split()) == sorted([*had.get(writable, "").split(), *lacking])
    assert {key: value for key, value in group.items() if key not in ("members", writable)} == {
        key: value for key, value in had.items() if key not in ("members", writable)
    }
    assert not any(word.endswith(".pub") for word in group["members"].split())
    # A second run has nothing to do, one with a third node changes the members only.
    assert gitosis_edit.granted(after, "grp_mirror", MEMBERS, repositories) == after
    third = gitosis_edit.granted(after, "grp_mirror", [*MEMBERS, "git_charlie"], repositories)
    gone, come = changed(after, third)
    assert len(gone) <= 1
    assert len(come) == 1
    assert "git_charlie" in come[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_lines_change_that_have_to(path: Path) -> None:
    before = keydir.text_of(path)
    after = gitosis_edit.granted(before, "grp_mirror", MEMBERS, repositories_of(before))
    gone, come = changed(before, after)
    if GROUP not in independent(before):
        assert after.startswith(before)
    # Of a line that has changed all is still there, in front of what is new or around it.
    for line in gone:
        kept = line.rstrip("\r")
        assert any(_contains(other, kept) for other in come), line
    assert len(gone) <= 2 + (not before.endswith("\n"))
    crlf = before.count("\r\n") > before.count("\n") / 2
    assert after.count("\r\n") == (after.count("\n") if crlf else 0)
    assert before.endswith("\n") or GROUP not in independent(before) or not after.endswith("\n")


def _contains(new: str, old: str) -> bool:
    """Whether ``new`` is ``old`` with something put in at one place."""
    common = len([1 for i in range(len(old)) if new.startswith(old[: i + 1])])
    return new.endswith(old[common:]) or new.rstrip("\r").endswith(old[common:])


def test_the_diff_of_one_name_a_line() -> None:
    before = (Path(__file__).parent / "gitosis" / "one-per-line.conf").read_text()
    after = gitosis_edit.granted(before, "grp_mirror", MEMBERS, ["site", "tools"])
    assert changed(before, after) == ([], ["    git_alpha.example.org", "    git_bravo", "    tools"])


def test_the_diff_beside_a_comment() -> None:
    before = (Path(__file__).parent / "gitosis" / "comments.conf").read_text()
    after = gitosis_edit.granted(before, "grp_mirror", ["git_a"], ["site"])
    assert changed(before, after)[1] == [
        "members = git_old git_a ; the first node",
        "writable = old site ; not used; any more",
    ]


def test_words_of_comments_are_no_repositories() -> None:
    folder = Path(__file__).parent / "gitosis"
    assert repositories_of((folder / "comment-in-value.conf").read_text()) == ["site", "tools"]
    assert repositories_of((folder / "comments.conf").read_text()) == ["site", "tools", "old"]
    assert repositories_of("[group a]\nwritable = ../x /y -z a/b .git ok\n") == ["a/b", "ok"]


def test_what_a_map_names_is_what_is_really_there() -> None:
    text = (Path(__file__).parent / "gitosis" / "map.conf").read_text()
    assert sorted(repositories_of(text)) == ["site", "team/wiki", "tools"]
    text = (Path(__file__).parent / "gitosis" / "own-folder.conf").read_text()
    names, notes = gitosis.known(text)
    assert names == ["site", "tools"]
    assert notes == ["what group secret has is kept in a folder of its own (/srv/secret), and is left out"]


def test_many_repositories_are_wrapped_and_the_admin_repository_is_not_meant_by_a_star() -> None:
    names = [f"team/project-{number}" for number in range(100)]
    text = f"[group team]\nwritable = gitosis-admin {' '.join(names)}\n"
    assert repositories_of(text) == names
    after = gitosis_edit.granted(text, "grp_mirror", MEMBERS, names)
    assert independent(after)[GROUP]["writable"].split() == names
    assert max(map(len, after.split("\n")[2:])) <= 100
    assert matching.repositories(["gitosis-admin"], ["gitosis-admin"], "gitosis-admin") == (["gitosis-admin"], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("members = a\n[group x]\n", "line 1: a line before the first [section]"),
        ("[group x]\nmembers\n", "line 2: neither a [section] nor NAME = VALUE"),
        ("[group x\nmembers = a\n", "line 1: a line before"),
        ("\ufeff[group x]\nmembers = a\n", "line 1: a line before"),
        ("<<<<<<< HEAD\n[group x]\n", "line 1: a line before"),
        ("[group x]\nwritable = site\n=======\n>>>>>>> theirs\n", "line 3: neither"),
        ("[DEFAULT]\nreadonly = secret\n[group x]\nwritable = site\n", "a section [DEFAULT]"),
        ("[group grp_mirror]\nmembers = a\n[DEFAULT]\nwritable = x\n", "a section [DEFAULT]"),
    ],
)
def test_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        gitosis_edit.granted(text, "grp_mirror", MEMBERS, ["site"])
    assert said in caught.value.message


WORDS = st.lists(st.sampled_from(["a", "b", "c/d", "@all", "@x", "git_alpha", "e;f", "g"]), max_size=4).map(" ".join)
INDENT = st.sampled_from(["  ", "\t", "    "])
NAMES = st.sampled_from(["members", "Members", "writable", "writeable", "readonly", "map writable v", "gitweb"])


@st.composite
def option(draw: st.DrawFn) -> list[str]:
    delimiter = draw(st.sampled_from([" = ", "=", " : ", "\t=\t", " =", " = "]))
    lines = [draw(NAMES) + delimiter + draw(WORDS) + draw(st.sampled_from(["", "", "  ", " ; why"]))]
    for _ in range(draw(st.integers(0, 3))):
        word = draw(WORDS)
        lines.append(draw(st.sampled_from([draw(INDENT) + word if word else "", "# note", "", f"{draw(INDENT)}# x"])))
    return lines


@st.composite
def confs(draw: st.DrawFn) -> str:
    lines = draw(st.lists(st.sampled_from(["", "# top", "; top"]), max_size=2))
    for name in draw(st.lists(st.sampled_from(["group grp_mirror", "group team", "gitosis", "repo a"]), max_size=5)):
        lines.append(f"[{name}]{draw(st.sampled_from(['', ' ', ' # x']))}")
        for each in draw(st.lists(option(), max_size=4)):
            lines += each
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return ending.join(lines) + draw(st.sampled_from(["", ending]))


@given(confs(), st.lists(st.sampled_from(["git_alpha", "git_b", "git_c"]), unique=True, min_size=1))
def test_any_file_is_edited_exactly_or_refused(before: str, members: list[str]) -> None:
    repositories = ["a", "new", "c/d"]
    old = independent(before)
    try:
        after = gitosis_edit.granted(before, "grp_mirror", members, repositories)
    except UsageError:
        # Only where Python 2 and 3 read something else, which a comment between the lines of the group's values does.
        assert "# x" in before or " ; why" in before
        return
    new = independent(after)
    had = old.pop(GROUP, {})
    has = new.pop(GROUP)
    assert new == old
    assert {*has["members"].split()} == {*had.get("members", "").split(), *members}
    writable = {*has.get("writable", "").split(), *has.get("writeable", "").split()}
    assert writable == {*had.get("writable", "").split(), *had.get("writeable", "").split(), *repositories}
    assert gitosis_edit.granted(after, "grp_mirror", members, repositories) == after


@given(confs())
def test_both_readings_of_python_agree_with_its_parser(text: str) -> None:
    assert gitosis_file.meaning(text, old=False) == independent(text)


def test_the_old_reading() -> None:
    text = "[a]\nx = 1 ; c\nREM = no\n y\n# z\n  # w\n\n v\nempty = ; nothing\n"
    assert gitosis_file.meaning(text, old=True) == {"a": {"x": "1\ny\n# w\nv", "empty": "; nothing"}}


@pytest.mark.parametrize(
    ("name", "gitosis_takes", "gitolite_takes"),
    [
        ("git_alpha.example.org", True, True), ("alice", True, True), ("alice@laptop.home", True, True),
        ("alice@laptop", True, False), ("0alpha", False, True), ("_a", False, False), ("a b", False, False),
        ("git_a.pub", False, False), ("a@b@c", False, False), ("", False, False), ("a/b", False, False),
        ("-a", False, False), ("ä", False, False), ("WRITERS", True, False), ("a+b", False, True), ("a@1.x", False, True),
    ],
)  # fmt: skip
def test_names(name: str, gitosis_takes: bool, gitolite_takes: bool) -> None:
    assert (matching.wrong_for_gitosis(name) is None) == gitosis_takes
    assert (matching.wrong_for_gitolite(name) is None) == gitolite_takes


def admin(folder: Path, conf: str, **keys: str) -> Path:
    (folder / "keydir").mkdir(parents=True)
    (folder / "gitosis.conf").write_text(conf)
    for name, text in keys.items():
        (folder / "keydir" / f"{name}.pub").write_text(text)
    return folder


CONF = "[group team]\nwritable = site tools team/wiki\nmembers = alice\n"


def test_a_plan(tmp_path: Path) -> None:
    folder = admin(tmp_path, CONF, alice=f"{OTHER}\n")
    assert gitosis.recognises(folder)
    plan = gitosis.plan(folder, {"git_a": KEY}, ["s*", "team/wiki"], "grp_mirror")
    assert plan.files == {
        "keydir/git_a.pub": f"{KEY}\n",
        "gitosis.conf": CONF + "\n[group grp_mirror]\nmembers = git_a\nwritable = site team/wiki\n",
    }
    assert plan.repositories == ("site", "team/wiki")
    assert plan.refused == ()


@pytest.mark.parametrize(
    ("there", "names", "globs", "said"),
    [
        ({"old": str(KEY)}, ["git_a"], ["*"], "the key of git_a is there already, as old: keydir/old.pub"),
        ({"git_a": str(OTHER)}, ["git_a"], ["*"], "keydir/git_a.pub holds another key"),
        ({"git_a": f"{KEY}\n{OTHER}\n"}, ["git_a"], ["*"], "keydir/git_a.pub holds another key"),
        ({"old": f'command="x" {OTHER}\n{KEY.material} hm\n'}, ["git_a"], ["*"], "as old"),
        ({}, ["git_a", "git_b"], ["*"], "git_b and git_a are the same key"),
        ({}, ["git_a"], ["sites"], "no repository is called 'sites', did you mean site?"),
        ({}, ["git_a"], ["*", "x*"], "no repository is called 'x*'"),
        ({}, ["1git"], ["*"], "gitosis does not take the name '1git'"),
    ],
)
def test_a_plan_is_refused(tmp_path: Path, there, names, globs, said: str) -> None:
    plan = gitosis.plan(admin(tmp_path, CONF, **there), dict.fromkeys(names, KEY), globs, "grp_mirror")
    assert plan.files == {}
    assert any(said in reason for reason in plan.refused), plan.refused


def test_a_key_that_is_there_and_folders_of_keys(tmp_path: Path) -> None:
    folder = admin(tmp_path, CONF, git_a=f"{KEY.material} somewhere else\r\n")
    (folder / "keydir" / "sub").mkdir()
    # gitosis does not look there.
    (folder / "keydir" / "sub" / "x.pub").write_text(str(KEY))
    plan = gitosis.plan(folder, {"git_a": KEY}, ["site"], "grp_mirror")
    assert plan.files["keydir/git_a.pub"] == f"{KEY.material} somewhere else\r\n"
    assert plan.refused == ()


def test_a_group_that_has_more_is_named(tmp_path: Path) -> None:
    conf = "[group grp_mirror]\nmembers = old\nwritable = site wiki\nreadonly = docs\n"
    said = gitosis.plan(admin(tmp_path, conf), {"git_a": KEY}, ["site"], "grp_mirror").notes
    assert said == ("grp_mirror has access to more already, which git_a will have too: wiki docs",)
    assert not gitosis.plan(admin(tmp_path / "2", conf), {"git_a": KEY}, ["*"], "grp_mirror").notes
    there = conf.replace("= old", "= old git_a")
    assert not gitosis.plan(admin(tmp_path / "3", there), {"git_a": KEY}, ["site"], "grp_mirror").notes
