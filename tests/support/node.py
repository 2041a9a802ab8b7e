"""What the lab takes from :mod:`hookkit.testing.node`."""

from hookkit.testing.node import Node, PathNode, SshNode

__all__ = ["Node", "PathNode", "SshNode"]
