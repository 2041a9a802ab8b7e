"""Another kind of server, brought by a plugin that somebody else wrote."""

from pathlib import Path

import pytest
from support.commands import Done
from support.distributions import Environment

FORGE = """
from pathlib import Path

@hookimpl
def hookkit_setup_enroll_backends(folder):
    return {"forge": (Path(folder) / "forge.txt").exists()}

@hookimpl
def hookkit_setup_enroll_plan(backend, folder, keys, repos, group):
    if backend != "forge":
        return None
    if "root" in keys:
        return {"refused": ["root is not a server"]}
    if "out" in keys:
        return {"files": {"../out": "x"}}
    text = (Path(folder) / "forge.txt").read_text()
    lines = [f"{name} {key} {' '.join(repos)}" for name, key in keys.items()]
    new = [line for line in lines if line not in text.splitlines()]
    return {"files": {"forge.txt": text + "".join(f"{line}\\n" for line in new)}, "repositories": list(repos)}
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("enroll"))
    environment.install(environment.distribution("acme-forge", forge=FORGE))
    return environment


def test_a_backend_of_a_plugin(environment: Environment, tmp_path: Path) -> None:
    def git(*args: str) -> str:
        return environment.run("git", *args, cwd=tmp_path).stdout

    def enroll(*args: str, check: bool = True) -> Done:
        command = ("setup", "enroll", "--admin", "clone", "--repos", "site")
        return environment.hookkit(*command, *args, cwd=tmp_path, check=check)

    git("init", "-q", "--bare", "admin.git")
    git("clone", "-q", "admin.git", "clone")
    (tmp_path / "clone" / "forge.txt").write_text("first\n")
    git("-C", "clone", "add", ".")
    git("-C", "clone", "commit", "-q", "-m", "first")
    git("-C", "clone", "push", "-q", "origin", "HEAD:main")
    environment.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key", cwd=tmp_path)
    off = enroll("alpha=key.pub", check=False)
    assert "the folder is of none of these: gitosis, gitolite, ssh" in off.stderr
    environment.hookkit("plugins", "enable", "--global", "forge", cwd=tmp_path)
    assert enroll("alpha=key.pub").stdout == "forge.txt: changed\norigin: pushed, it answers\n"
    key = (tmp_path / "key.pub").read_text().strip()
    assert git("-C", "admin.git", "show", "main:forge.txt") == f"first\nalpha {key} site\n"
    assert enroll("alpha=key.pub").stdout == "nothing changed\n"
    refused = enroll("root=key.pub", check=False)
    assert refused.status == 2
    assert "caused by: root is not a server" in refused.stderr
    wrong = enroll("out=key.pub", check=False)
    assert "plugin forge does not answer with a plan" in wrong.stderr
    assert git("-C", "clone", "status", "--porcelain") == ""
