"""Where the large files of a remote go. Pure.

Said to git-lfs with every command, since it would believe what was pushed before the account's own configuration: a file
``.lfsconfig`` in the default branch may name any server in the world.
"""

from hookkit.api import GitConfig

ALIAS = "hookkit-lfs"
"""What the remote is called in our commands."""


def endpoint(config: GitConfig, remote: str, url: str) -> str:
    """The URL of the LFS server that belongs to ``url``: the one that is configured for the remote, or the usual one.

    :param remote: its name, with ``:2`` and so on for its further URLs.
    """
    name, _, further = remote.partition(":")
    if not further:
        for key in ("lfspushurl", "lfsurl"):
            entry = config.last(f"remote.{name}.{key}")
            if entry and entry.value:
                return entry.value
    if url.startswith("/"):
        return f"file://{url}"
    if url.startswith(("http://", "https://")):
        url = url.rstrip("/")
        return f"{url}/info/lfs" if url.endswith(".git") else f"{url}.git/info/lfs"
    return url


def configuration(url: str, where: str) -> tuple[tuple[str, str], ...]:
    """What git-lfs is told for one command: to send to ``where`` whatever else it may have read."""
    return (
        (f"remote.{ALIAS}.url", url),
        ("lfs.url", where),
        ("lfs.pushurl", where),
        ("lfs.locksverify", "false"),
        ("lfs.allowincompletepush", "false"),
        # Its socket would need a folder whose path is short, and how connections are shared is the account's to say.
        ("lfs.ssh.automultiplex", "false"),
    )
