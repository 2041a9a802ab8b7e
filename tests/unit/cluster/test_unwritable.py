"""Where nothing can be written, that is what is said; and what needs nothing written goes on."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.journals import commit, compact, push

from hookkit.api import HookkitError, Repository
from hookkit_plugins.cluster import checking, engine, journal, settings, signing

Make = Callable[[str], Repository]


def test_a_lock_that_cannot_be_written(make: Make) -> None:
    alpha = make("alpha")
    push(alpha, main=commit(alpha, "one"))
    lock = alpha.plugin_dir("cluster") / "lock"
    lock.unlink()
    lock.mkdir()
    for command in (compact, lambda repo: engine.forget(repo, settings.read(repo), "bravo")):
        with pytest.raises(HookkitError, match="the journal cannot be written here"):
            command(alpha)


def test_signatures_are_told_without_a_file(make: Make, tmp_path: Path) -> None:
    alpha = make("alpha")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    signers = tmp_path / "signers"
    # Under another name first: git tells that one only.
    public = key.with_suffix(".pub").read_text()
    signers.write_text(f"somebody {public}bravo {public}")
    for name, value in (("verify", "true"), ("key", str(key)), ("signers", str(signers))):
        alpha.git("config", f"hookkit.cluster.{name}", value)
    alpha.reload()
    folder = alpha.plugin_dir("cluster") / "signers"
    folder.write_text("in the way")
    push(alpha, main=commit(alpha, "one"))
    chosen = settings.read(alpha)
    tip = journal.heads(alpha)["alpha"]
    assert checking.verify(alpha, chosen).problems == []
    assert signing.problem(alpha, chosen, tip, "bravo") is None
    assert "signs for no other node" in str(signing.problem(alpha, chosen, tip, "charlie"))
    key.with_suffix(".pub").unlink()
    assert "public key cannot be read" in str(signing.problem(alpha, chosen, tip, "alpha"))
    assert folder.read_text() == "in the way"
