"""What gitosis does on a server, in small: there is no package of it for a Python that is still maintained.

``serve USER`` is the forced command of each key, ``post-update`` the hook of its admin repository. Both read the
configuration before anything else, so that one that does not parse ends everything, as with the original.
"""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(os.environ["HOME"])
REPOSITORIES = HOME / "repositories"
ADMIN = REPOSITORIES / "gitosis-admin.git"
# Everything else in authorized_keys is somebody else's.
MARK = "# gitosis double"
ALLOWED = re.compile(r"'/*([a-zA-Z0-9][a-zA-Z0-9@._-]*(?:/[a-zA-Z0-9][a-zA-Z0-9@._-]*)*)'")
USER = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]*(?:@[a-zA-Z][a-zA-Z0-9.-]*)?")


def configuration() -> configparser.RawConfigParser:
    """The configuration that is in force."""
    parser = configparser.RawConfigParser(strict=False)
    with (ADMIN / "gitosis.conf").open(encoding="utf-8", errors="surrogateescape") as file:
        parser.read_file(file)
    return parser


def groups(config: configparser.RawConfigParser, user: str) -> set[str]:
    """The groups that ``user`` is in, those that contain these included."""
    found = {user}
    while True:
        more = {
            f"@{section.removeprefix('group ')}"
            for section in config.sections()
            if section.startswith("group ")
            and ({"@all", *found} & {*config.get(section, "members", fallback="").split()})
        }
        if more <= found:
            return {name[1:] for name in found if name.startswith("@")}
        found |= more


def actual(config: configparser.RawConfigParser, user: str, path: str, modes: tuple[str, ...]) -> str | None:
    """The repository that ``user`` means by ``path``; None: it must not have it."""
    for group in sorted(groups(config, user)):
        for mode in modes:
            section = f"group {group}"
            if path in config.get(section, mode, fallback="").split():
                return path
            if config.has_option(section, f"map {mode} {path}"):
                return config.get(section, f"map {mode} {path}").strip()
    return None


def serve(user: str) -> None:
    """Answer one request of git."""
    config = configuration()
    request = os.environ.get("SSH_ORIGINAL_COMMAND")
    if request is None:
        sys.exit("ERROR:gitosis.serve.main:Need SSH_ORIGINAL_COMMAND in environment.")
    words = re.fullmatch(r"git[- ](upload|receive)-pack (.*)", request)
    path = ALLOWED.fullmatch(words[2]) if words else None
    if words is None or path is None:
        sys.exit("ERROR:gitosis.serve.main:Unknown command denied")
    # For tests of what happens when a server does not stand a configuration.
    broken = HOME / f"break-{words[1]}"
    if broken.exists() and re.search(broken.read_text(), (ADMIN / "gitosis.conf").read_text()):
        sys.exit("Traceback (most recent call last): gitosis is broken")
    name = path[1].removesuffix(".git")
    writing = ("writable", "writeable")
    found = actual(config, user, name, writing if words[1] == "receive" else (*writing, "readonly"))
    if found is None:
        kind = "write" if words[1] == "receive" else "read"
        sys.exit(f"ERROR:gitosis.serve.main:Repository {kind} access denied")
    folder = REPOSITORIES / f"{found}.git"
    if not folder.exists():
        subprocess.run(("git", "init", "--quiet", "--bare", folder), check=True, stdout=subprocess.DEVNULL)
    os.execvp("git-shell", ("git-shell", "-c", f"git-{words[1]}-pack '{folder}'"))


def post_update() -> None:
    """Put into force what was pushed."""
    if (ADMIN / "gitosis.conf").exists():
        configuration()
    export = ADMIN / "gitosis-export"
    shutil.rmtree(export, ignore_errors=True)
    export.mkdir()
    archive = subprocess.run(("git", "archive", "HEAD"), cwd=ADMIN, check=True, capture_output=True).stdout
    subprocess.run(("tar", "-x", "-C", export), input=archive, check=True)
    (export / "gitosis.conf").rename(ADMIN / "gitosis.conf")
    configuration()
    file = Path(os.environ["GITOSIS_AUTHORIZED_KEYS"])
    kept = [line for line in file.read_text().splitlines() if not line.endswith(MARK)] if file.exists() else []
    for path in sorted((export / "keydir").glob("*.pub")):
        if USER.fullmatch(path.stem):
            command = f"{sys.executable} -I {Path(__file__).resolve()} serve {path.stem}"
            options = f'command="{command}",no-port-forwarding,no-X11-forwarding,no-agent-forwarding,no-pty'
            kept += [f"{options} {' '.join(line.split()[:2])} {MARK}" for line in path.read_text().splitlines()]
        else:
            print(f"WARNING:gitosis.ssh:Unsafe SSH username in keyfile: {path.name!r}", file=sys.stderr)
    file.write_text("".join(f"{line}\n" for line in kept))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        post_update()
