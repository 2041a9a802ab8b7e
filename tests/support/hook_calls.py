"""How git calls each of its hooks, and what plugins get."""

from pathlib import Path

from hookkit.values import Push, PushedRef, RefUpdate, Rewrite

A, B, Z = "a" * 40, "b" * 40, "0" * 40
HERE = Path("/w")
MAIN, TOPIC = RefUpdate("refs/heads/main", A, B), RefUpdate("refs/heads/topic", Z, A)
UPDATES = f"{A} {B} refs/heads/main\n{Z} {A} refs/heads/topic\n"

# hook, arguments, standard input, what plugins get
EXAMPLES: list[tuple[str, list[str], str, dict[str, object]]] = [
    ("pre-receive", [], UPDATES, {"push": Push((MAIN, TOPIC))}),
    ("post-receive", [], UPDATES, {"push": Push((MAIN, TOPIC))}),
    ("update", ["refs/heads/main", A, B], "", {"update": MAIN}),
    ("reference-transaction", ["prepared"], UPDATES, {"state": "prepared", "updates": (MAIN, TOPIC)}),
    (
        "reference-transaction",
        ["preparing"],
        f"{Z} ref:refs/heads/main HEAD\n",
        {"state": "preparing", "updates": (RefUpdate("HEAD", Z, "ref:refs/heads/main"),)},
    ),
    ("post-update", ["refs/heads/main", "refs/tags/v1"], "", {"refs": ("refs/heads/main", "refs/tags/v1")}),
    ("post-update", [], "", {"refs": ()}),
    ("push-to-checkout", [A], "", {"commit": A}),
    ("pre-commit", [], "", {}),
    ("pre-merge-commit", [], "", {}),
    ("post-commit", [], "", {}),
    ("pre-applypatch", [], "", {}),
    ("post-applypatch", [], "", {}),
    ("pre-auto-gc", [], "", {}),
    (
        "prepare-commit-msg",
        [".git/COMMIT_EDITMSG"],
        "",
        {"path": HERE / ".git/COMMIT_EDITMSG", "source": None, "commit": None},
    ),
    ("prepare-commit-msg", ["/m", "template"], "", {"path": Path("/m"), "source": "template", "commit": None}),
    ("prepare-commit-msg", ["/m", "commit", "HEAD"], "", {"path": Path("/m"), "source": "commit", "commit": "HEAD"}),
    ("commit-msg", [".git/COMMIT_EDITMSG"], "", {"path": HERE / ".git/COMMIT_EDITMSG"}),
    ("applypatch-msg", [".git/rebase-apply/final-commit"], "", {"path": HERE / ".git/rebase-apply/final-commit"}),
    ("post-merge", ["1"], "", {"squash": True}),
    ("post-merge", ["0"], "", {"squash": False}),
    ("pre-rebase", ["origin/main"], "", {"upstream": "origin/main", "branch": None}),
    ("pre-rebase", ["origin/main", "topic"], "", {"upstream": "origin/main", "branch": "topic"}),
    ("post-rewrite", ["amend"], f"{A} {B}\n", {"command": "amend", "rewritten": (Rewrite(A, B),)}),
    ("post-checkout", [A, B, "1"], "", {"old": A, "new": B, "branch": True}),
    (
        "pre-push",
        ["origin", "ssh://host/x.git"],
        f"refs/heads/main {A} refs/heads/main {B}\n(delete) {Z} refs/heads/old {A}\n"
        f"HEAD@{{2 days ago}} {A} refs/heads/x {Z}\n",
        {
            "remote": "origin",
            "url": "ssh://host/x.git",
            "refs": (
                PushedRef("refs/heads/main", A, "refs/heads/main", B),
                PushedRef("(delete)", Z, "refs/heads/old", A),
                PushedRef("HEAD@{2 days ago}", A, "refs/heads/x", Z),
            ),
        },
    ),
    ("sendemail-validate", ["/tmp/mail"], "", {"path": Path("/tmp/mail"), "headers": None}),
    ("sendemail-validate", ["/tmp/m", "/tmp/h"], "", {"path": Path("/tmp/m"), "headers": Path("/tmp/h")}),
    ("post-index-change", ["1", "0"], "", {"work_tree": True, "skip_worktree": False}),
]
