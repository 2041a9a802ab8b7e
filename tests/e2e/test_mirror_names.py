"""Names and paths that are no UTF-8, or have line feeds in them: git does not mind, so nothing else may."""

import os

import pytest
from support.lab import Lab
from support.poll import until

LATIN = os.fsdecode(b"caf\xe9")
BRANCH = f"refs/heads/{LATIN}"
COMMANDS = (("mirror", "sync"), ("mirror", "verify"), ("status",), ("metrics",), ("doctor",))


@pytest.mark.parametrize("odd", [LATIN, "two\nlines"])
def test_everything_arrives_and_nobody_else_has_to_wait(lab: Lab, odd: str) -> None:
    (alpha,), (bravo,) = lab.several(("alpha",), "path"), lab.several(("bravo",), "ssh")
    work = lab.client("dana").init("work")
    for name, there in (("usual", "usual"), (odd, "odd")):
        alpha.create_repository(name)
        bravo.create_repository(there)
        alpha.create_repository(f"{name}-beside")
        alpha.git(name, "config", f"remote.{name.replace(chr(10), '-')}.url", bravo.url(there))
        alpha.git(name, "config", "remote.beside.url", alpha.url(f"{name}-beside"))
        # Who pushes by path is the account of the hooks, too.
        alpha.git(name, "config", "hookkit.mirror.worker", "true")
        alpha.hookkit(name, "install", "--node", "alpha")
        work.commit("first")
        work.git("push", alpha.url(name), f"HEAD:{BRANCH}")
        assert bravo.refs(there) == alpha.refs(f"{name}-beside") == {BRANCH: work.oid()}
    bravo.stop()
    work.commit("second")
    said = work.git("push", alpha.url(odd), f"HEAD:{BRANCH}", f"HEAD:{BRANCH}-more").stderr
    assert "bug" not in said
    bravo.start()
    until(lambda: bravo.refs("odd") == alpha.refs(odd) == alpha.refs(f"{odd}-beside"), "everything is there")
    until(lambda: "worker  ok" in alpha.hookkit(odd, "mirror", "log").stdout, "the worker has logged it")
    for command in COMMANDS:
        done = alpha.run("git", "hookkit", *command, "--all", str(alpha.home / "repositories"), check=False)
        assert "bug" not in done.stdout + done.stderr
        assert done.status == 0 or command == ("doctor",)
        assert "2 repositories below" in done.stdout or command in (("status",), ("metrics",))
