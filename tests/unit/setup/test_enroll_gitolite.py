"""gitolite.conf: what it says, and how a group gets everything in some repositories and nothing elsewhere."""

import difflib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit.api import UsageError
from hookkit_plugins.setup.enroll import gitolite, gitolite_access, gitolite_edit, gitolite_file
from hookkit_plugins.setup.keys import PublicKey, parse

KEY = parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKz0bcHUNKEYXPSMQ6lzZ5vhPOsF1yXzv6VxTcU6UPb alpha", "alpha.pub")
OTHER = PublicKey(KEY.kind, KEY.base64[:-4] + "abcd", "other")
MAIN = gitolite_file.MAIN
START = "repo gitolite-admin\n    RW+     =   admin\n\nrepo testing\n    RW+     =   @all\n"
MEMBERS = ["git_alpha", "git_bravo"]
TITLE = "# hookkit: the servers that mirror repositories to each other\n"


def granted(conf: str, *repositories: str, members: list[str] = MEMBERS, **files: str) -> dict[str, str]:
    everything = {MAIN: conf, **{f"conf/{name}.conf": text for name, text in files.items()}}
    return gitolite_edit.granted(
        everything, lambda glob: sorted(set(everything) & {glob}), "grp_mirror", members, repositories
    )


def come(before: str, after: str) -> list[str]:
    """The lines that came; none may have gone unless it only grew."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    for gone in (line[2:] for line in lines if line.startswith("- ")):
        start = gone.partition("#")[0].rstrip()
        assert any(line.startswith(f"+ {start}") for line in lines)
    return [line[2:] for line in lines if line.startswith("+ ")]


def test_a_new_group_stands_at_the_end() -> None:
    conf = START + "\nrepo site tools\n    RW = alice # she\n"
    after = granted(conf, "site", "tools")[MAIN]
    assert after == conf + (
        f"\n{TITLE}@grp_mirror = git_alpha git_bravo\n"
        "repo site\n    RW+ = @grp_mirror\nrepo tools\n    RW+ = @grp_mirror\n"
    )
    assert granted(after, "site", "tools") == {}


def test_a_third_node_changes_one_line_and_another_repository_adds_two() -> None:
    conf = granted(START + "repo site tools\n    R = alice\n", "site")[MAIN]
    third = granted(conf, "site", members=["git_charlie"])[MAIN]
    assert come(conf, third) == ["@grp_mirror = git_alpha git_bravo git_charlie"]
    more = granted(third, "site", "tools", members=["git_charlie"])[MAIN]
    assert come(third, more) == ["repo tools", "    RW+ = @grp_mirror"]


@pytest.mark.parametrize(
    ("line", "grown"),
    [
        ("@grp_mirror=git_old", "@grp_mirror=git_old git_alpha git_bravo"),
        ("  @grp_mirror\t=  git_old  # the nodes", "  @grp_mirror\t=  git_old git_alpha git_bravo  # the nodes"),
        ("@grp_mirror = git_old   ", "@grp_mirror = git_old git_alpha git_bravo   "),
        ("@grp_mirror = x\n@grp_mirror = y", "@grp_mirror = x\n@grp_mirror = y git_alpha git_bravo"),
        ("@grp_mirror = git_old git_alpha", "@grp_mirror = git_old git_alpha git_bravo"),
    ],
)  # fmt: skip
def test_a_group_that_is_there(line: str, grown: str) -> None:
    conf = f"{line}\nrepo site\n    RW+ = @grp_mirror\n"
    assert granted(conf, "site") == {MAIN: f"{grown}\nrepo site\n    RW+ = @grp_mirror\n"}
    assert granted(conf.replace("\n", "\r\n"), "site") == {
        MAIN: f"{grown}\nrepo site\n    RW+ = @grp_mirror\n".replace("\n", "\r\n")
    }


def test_what_denies_before_is_preceded() -> None:
    conf = "@staff = alice\n# the site\nrepo site\n    - master = @all\n    RW+ = alice\nrepo tools\n    RW = bob"
    after = granted(conf, "site", "tools")[MAIN]
    rules = "repo site\n    RW+ = @grp_mirror\nrepo tools\n    RW+ = @grp_mirror\n"
    assert after == conf.replace("# the site\n", f"{TITLE}@grp_mirror = git_alpha git_bravo\n{rules}\n# the site\n")
    # One that does not concern the group stays where it is.
    calm = "repo site\n    - master = alice\n    RW+ = alice\n"
    assert granted(calm, "site")[MAIN].startswith(calm)


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        ("RW = a", "RW+"), ("RWC = a", "RW+C"), ("RW+CD dev/ = a", "RW+CD"), ("RWDC = a", "RW+CD"), ("RW+M = a", "RW+M"),
        ("RW+CDM = a", "RW+CDM"), ("option CREATE_IS_C = 1", "RW+C"), ("C = a", "RW+"), ("R = a", "RW+"),
    ],
)  # fmt: skip
def test_what_the_repository_tells_apart_is_given(rule: str, needed: str) -> None:
    after = granted(f"repo site\n    {rule}\nrepo other\n    RW+CDM = a\n", "site")[MAIN]
    assert f"repo site\n    {needed} = @grp_mirror\n" in after


@pytest.mark.parametrize(
    "conf",
    [
        "repo @all\n    RW+ = @grp_mirror\n",
        "repo si..\n    RW+ = bob @grp_mirror\n",
        "@sites = site blog\nrepo @sites\n    RW+ = @grp_mirror\n",
        "repo site\n    - VREF/NAME/x = @all\n    RW+ = @grp_mirror\n",
    ],
)
def test_a_rule_that_is_there_is_enough(conf: str) -> None:
    conf = f"@grp_mirror = git_alpha git_bravo\nrepo site\n    R = alice\n{conf}"
    assert granted(conf, "site") == {}


@pytest.mark.parametrize("rule", ["RW = @grp_mirror", "RW+ master = @grp_mirror", "R = @grp_mirror", "RW+ = git_alpha"])
def test_a_rule_that_is_not_enough(rule: str) -> None:
    conf = f"@grp_mirror = git_alpha git_bravo\nrepo site\n    {rule}\n"
    assert come(conf, granted(conf, "site")[MAIN]) == ["repo site", "    RW+ = @grp_mirror"]


def test_includes_are_followed_and_edited_where_the_group_is() -> None:
    conf = 'include "groups.conf"\ninclude "repos.conf"\n'
    groups, repos = "@grp_mirror = git_old\n", "repo site\n    RW = alice\n"
    after = granted(conf, "site", groups=groups, repos=repos)
    assert after == {
        "conf/groups.conf": "@grp_mirror = git_old git_alpha git_bravo\n",
        MAIN: conf + "repo site\n    RW+ = @grp_mirror\n",
    }
    denying = granted(conf, "site", groups="", repos="repo site\n    - = @all\n")[MAIN]
    assert denying.endswith(conf)


def test_what_people_write_is_read() -> None:
    conf = (
        '@devs = alice bob # "x"\n@repos = site team/tools.x\nrepo @repos foo/..*   # = no\n    RW+ = @devs\n'
        '    desc = "a # b"\n    config hooks.mail = "a=b"\n    option deny-rules = 1\n'
        "= begin testconf\nrepo hidden\n= end\n"
        'subconf "sub.conf"\n'
    )
    files = {MAIN: conf, "conf/sub.conf": "@devs = carl\nrepo inner\n    RW = @devs @other\n"}
    said = gitolite_file.statements(files.get, lambda glob: sorted(set(files) & {glob}))
    found = gitolite_access.access(said)
    assert found.repositories() == ["site", "team/tools.x", "foo/..*", "inner"]
    assert found.groups["@sub.devs"] == ["carl"]
    assert [each.words for each in gitolite_access.rules_for(found, "inner")] == [("@sub.devs", "@other")]
    assert [each.words for each in gitolite_access.rules_for(found, "foo/bar") if each.words] == [("@devs",)]


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        ("@a = @b\n", "line 1: the group @b is not defined before"),
        ("repo a;b\n    RW = x\n", "line 1: 'a;b' cannot be a name"),
        ("repo site\n    RW = al!ce\n", "line 2: 'al!ce' cannot be a name"),
        ("include foo.conf\n", "line 1: the file to include is not in quotes"),
        ("repo site\n    - master = @grp_mirror\n", "line 2 denies @grp_mirror something in site"),
        ("@grp_mirror = old\nrepo site\n    - = old\n", "line 3 denies @grp_mirror something in site: - = old"),
        ("repo site\n    - = git_alpha\n", "line 2 denies @grp_mirror something in site: - = git_alpha"),
    ],
)
def test_refused(conf: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        granted(conf, "site")
    assert said in caught.value.message


LINES = st.sampled_from(
    [
        "repo site", "repo tools site", "repo @all", "repo si.*", "    RW+ = alice", "    RW = @devs", "    - master = @all",
        "    - = alice", "  RW+CD dev/ = bob", "@devs = alice bob", "@grp_mirror = git_x", "# note", "", "    option x = 1",
        "    RW+ = @grp_mirror", "    - = @devs", "\tR\t=\t@all", "@devs=carl # more",
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=14), st.sampled_from(["", "\n"]))
def test_any_file_gets_exactly_the_new_rules(lines: list[str], end: str) -> None:
    conf = "\n".join(lines) + end
    try:
        after = granted(conf, "site").get(MAIN, conf)
    except UsageError:
        # A group that is not there, or that no place helps, as it is in one that is denied something.
        return
    assert granted(after, "site") == {}
    before, then = (
        gitolite_access.access(gitolite_file.statements({MAIN: text}.get, lambda _: ())) for text in (conf, after)
    )
    assert gitolite_access.has_full(then, gitolite_access.rules_for(then, "site"), "@grp_mirror", "RW+")
    ours = [rule.said for rule in then.rules]
    for rule in before.rules:
        ours.remove(rule.said)
    assert len(ours) <= 1
    groups = {name: set(members) for name, members in then.groups.items() if name != "@grp_mirror"}
    assert groups == {name: set(members) for name, members in before.groups.items() if name != "@grp_mirror"}


def test_a_thousand_repositories_do_not_take_long() -> None:
    names = [f"team{number % 30}/project-{number}.x" for number in range(1000)]
    blocks = [f"repo {name}\n    RW+ = alice\n    - refs/tags/ = @all\n    R = @all\n" for name in names]
    started = time.monotonic()
    after = granted("".join(blocks), *names)[MAIN]
    # Seconds, where a look at each pattern anew takes minutes.
    assert time.monotonic() - started < 30
    assert after.count("    RW+ = @grp_mirror\n") == 1000
    assert after.endswith("".join(blocks))


def admin(folder: Path, conf: str, **keys: str) -> Path:
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "gitolite.conf").write_text(conf)
    for name, text in keys.items():
        path = folder / "keydir" / f"{name.replace('__', '/').replace('_AT_', '@')}.pub"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_plan(tmp_path: Path) -> None:
    folder = admin(tmp_path, START + "repo site foo/..*\n    RW = alice\n", alice=str(OTHER))
    assert gitolite.recognises(folder)
    plan = gitolite.plan(folder, {"git_a": KEY}, ["*"], "grp_mirror")
    assert plan.repositories == ("testing", "site")
    assert set(plan.files) == {"keydir/git_a.pub", MAIN}
    assert "RW+ = @grp_mirror" in gitolite.plan(folder, {"git_a": KEY}, ["foo/..*"], "grp_mirror").files[MAIN]
    assert gitolite.plan(folder, {"git_a": KEY}, ["gitolite-admin"], "grp_mirror").repositories == ("gitolite-admin",)


@pytest.mark.parametrize(
    ("there", "name", "said"),
    [
        ({"sub__old": str(KEY)}, "git_a", "as old: keydir/sub/old.pub"),
        ({"laptop__git_a": str(OTHER)}, "git_a", "keydir/laptop/git_a.pub holds another key"),
        ({"git_a_AT_home": str(OTHER)}, "git_a", "keydir/git_a@home.pub holds another key"),
        ({}, "git_a@home", "gitolite would cut @home"),
        ({}, "CREATOR", "stands for others"),
    ],
)
def test_a_plan_is_refused(tmp_path: Path, there, name: str, said: str) -> None:
    plan = gitolite.plan(admin(tmp_path, START, **there), {name: KEY}, ["testing"], "grp_mirror")
    assert plan.files == {}
    assert any(said in reason for reason in plan.refused), plan.refused


def test_a_group_that_has_more_is_named(tmp_path: Path) -> None:
    conf = "@grp_mirror = old\nrepo site\n    RW = @grp_mirror\nrepo other\n    - = @grp_mirror\nrepo testing\n    RW = x\n"
    said = gitolite.plan(admin(tmp_path, conf), {"git_a": KEY}, ["testing"], "grp_mirror").notes
    assert said == ("grp_mirror has access to more already, which git_a will have too: site",)
    assert not gitolite.plan(admin(tmp_path / "2", conf), {"git_a": KEY}, ["site"], "grp_mirror").notes
    there = conf.replace("= old", "= old git_a")
    assert not gitolite.plan(admin(tmp_path / "3", there), {"git_a": KEY}, ["testing"], "grp_mirror").notes
