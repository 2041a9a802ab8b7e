"""Servers as people have them: the lab's keep tests apart from the machine they run on, which costs every hook a little."""

from support.lab import Lab

from hookkit.testing.node import SshNode


def lab() -> Lab:
    """A lab in which a login is what OpenSSH makes of it."""
    return Lab(ssh_option="")


def server(lab: Lab, name: str) -> SshNode:
    """A new server, on which git reads the system's configuration: where it does not, hooks look more closely."""
    node = lab.node(name)
    assert isinstance(node, SshNode)
    usual = {key: value for key, value in node.session_environment.items() if key != "GIT_CONFIG_NOSYSTEM"}
    node.sshd.set_environment(usual)
    node.stop()
    node.start()
    return node
