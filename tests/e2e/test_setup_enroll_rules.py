"""What real gitolite makes of an edited gitolite.conf: what it was for everybody, and everything for the new group."""

from collections.abc import Callable
from itertools import product

import pytest
from support.node import Node

from hookkit_plugins.setup.enroll import gitolite_edit, gitolite_file

ADMIN = "repo gitolite-admin\n    RW+ = alpha-admin\n"
CONFS = {
    "plain": {"": "repo site tools\n    RW = alice\nrepo other\n    R = bob\n"},
    "groups": {
        "": "@staff = alice\n@both = @staff bob\n@sites = site tools\nrepo @sites other\n    RW+ = @both\n    R = @all\n"
    },
    "denied to all": {
        "": "repo site\n    - master = @all\n    RW+ = alice\nrepo tools other\n    - refs/tags/v = @all\n    RW = bob\n"
    },
    "deny-rules": {
        "": "repo site tools\n    - = @all\n    RW = alice\n    option deny-rules = 1\nrepo other\n    R = @all\n"
    },
    "create and delete": {
        "": "repo site\n    RWC = alice\nrepo tools\n    RW+CD dev/ = bob\n    RW = alice\nrepo other\n    RW+ = bob\n"
    },
    "everything": {
        "": "repo @all\n    RW+CD master = alice\n    - master = bob\n    RW = bob\nrepo site tools other\n    R = carl\n"
    },
    "patterns": {"": "repo site tools other\n    R = carl\nrepo [s-t].*\n    - master = @all\n    RW+ = alice\n"},
    "includes": {
        "": 'include "more/*.conf"\nrepo other\n    RW = bob\n',
        "more/a.conf": "@grp_mirror = git_old\nrepo site\n    RW = alice # she\n    - dev/ = @all\n",
        "more/b.conf": "repo tools\n    - = bob\n    RW = @all\n",
    },
    "there": {"": "@grp_mirror = git_old\nrepo site\n    RW = alice\n    RW+ = @grp_mirror\nrepo tools other\n    RW = bob"},
    "no end": {"": "repo tools site\r\n    RW = alice\r\nrepo other\r\n    RW+ = bob"},
}  # fmt: skip
USERS = ("alice", "bob", "carl", "git_a", "git_b")
REPOSITORIES = ("site", "tools", "other", "gitolite-admin")
ASKED = (
    ("R", "any"), ("W", "any"), ("W", "refs/heads/master"), ("+", "refs/heads/master"), ("C", "refs/heads/master"),
    ("D", "refs/heads/master"), ("W", "refs/heads/dev/x"), ("D", "refs/heads/dev/x"), ("W", "refs/tags/v1"),
    ("+", "refs/tags/v1"),
)  # fmt: skip
# What gitolite's update hook asks for is one of these.
FULL = {"R", "W", "+"}

Allowed = set[tuple[str, str, str, str]]


def allowed(node: Node) -> Allowed:
    pairs = "".join(f"{repository} {user}\n" for repository, user in product(REPOSITORIES, USERS))
    found = set()
    for permission, ref in ASKED:
        listed = node.run("gitolite", "access", "%", "%", permission, ref, stdin=pairs).stdout
        for line in listed.splitlines():
            repository, user, answer = line.split("\t")
            if "DENIED" not in answer:
                found.add((repository, user, permission, ref))
    return found


def compiled(node: Node, files: dict[str, str]) -> Allowed:
    for path, text in files.items():
        place = node.home / ".gitolite" / path
        place.parent.mkdir(exist_ok=True, parents=True)
        place.write_bytes(text.encode())
    said = node.run("gitolite", "compile").stderr
    assert "syntax error" not in said
    return allowed(node)


@pytest.mark.parametrize("name", CONFS)
def test_access_is_as_before_and_what_is_new(nodes: Callable[..., list[Node]], name: str) -> None:
    (node,) = nodes("alpha", kind="gitolite")
    files = {f"conf/{path or 'gitolite.conf'}": text for path, text in CONFS[name].items()}
    files[gitolite_file.MAIN] = ADMIN + files[gitolite_file.MAIN]

    def find(glob: str) -> list[str]:
        return sorted(path for path in files if path.startswith("conf/more/") and glob.startswith("conf/more/"))

    before = compiled(node, files)
    edited = gitolite_edit.granted(files, find, "grp_mirror", ["git_a", "git_b"], ["site", "tools"])
    after = compiled(node, {**files, **edited})
    ours = {"git_a", "git_b"}
    assert {each for each in after if each[1] not in ours} == {each for each in before if each[1] not in ours}
    assert {each for each in after if each[0] not in ("site", "tools")} == {
        each for each in before if each[0] not in ("site", "tools")
    }
    for repository, user, (permission, ref) in product(("site", "tools"), sorted(ours), ASKED):
        if permission in FULL:
            assert (repository, user, permission, ref) in after
    # Where making and deleting branches is told apart by somebody's rules, they may do that too.
    for repository, permission in product(("site", "tools"), "CD"):
        if any(each[0] == repository and each[2] == permission for each in before):
            assert (repository, "git_a", permission, "refs/heads/master") in after
