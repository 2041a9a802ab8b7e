"""What the tests of the cluster share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.journals import named

from hookkit.api import Repository


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Repository]:
    """``make("alpha")``: the repository of the node alpha; journals are not signed."""

    def node(name: str) -> Repository:
        repo = Repository.create(tmp_path / f"{name}.git")
        return named(repo, name)

    return node
