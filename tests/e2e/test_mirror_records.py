"""What people can look up afterwards: the record of deliveries, and fingerprints."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from support import faults
from support.client import WorkingCopy
from support.cluster import Cluster

Pusher = Callable[[Cluster], WorkingCopy]


def test_the_log(pair: Cluster, pusher: Pusher) -> None:
    alpha, bravo = pair["alpha"], pair["bravo"]
    assert alpha.hookkit(pair.repository, "mirror", "log").stdout == "nothing was delivered yet\n"
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    with faults.stopped(bravo):
        work.git("push", "alpha", "HEAD:refs/heads/more")
    alpha.hookkit(pair.repository, "mirror", "sync")
    alpha.hookkit(pair.repository, "mirror", "sync")  # nothing to do: nothing to tell
    found = json.loads(alpha.hookkit(pair.repository, "mirror", "log", "--json").stdout)
    assert [(each["by"], each["outcome"], each["refs"]) for each in found] == [
        ("sync", "ok", 1),
        ("push", "offline", 0),
        ("push", "ok", 1),
    ]
    assert {each["remote"] for each in found} == {"bravo"}
    assert found[0]["at"].endswith("Z")
    shown = alpha.hookkit(pair.repository, "mirror", "log", "-n", "1", "bravo").stdout.splitlines()
    assert len(shown) == 2
    assert shown[1].endswith("  more new")
    assert " ok " in shown[1]
    # What was delivered to a remote that is not there any more is in the record all the same.
    alpha.git(pair.repository, "remote", "rename", "bravo", "delta")
    assert alpha.hookkit(pair.repository, "mirror", "log", "-n", "1", "bravo").stdout.splitlines() == shown
    assert alpha.hookkit(pair.repository, "mirror", "log", "delta").stdout == "nothing was delivered yet\n"
    unknown = alpha.hookkit(pair.repository, "mirror", "log", "brvao", check=False)
    assert (unknown.status, "there is no remote 'brvao'" in unknown.stderr) == (2, True)
    alpha.git(pair.repository, "remote", "rename", "delta", "bravo")
    history = alpha.path(pair.repository) / "hookkit" / "mirror" / "history.sqlite"
    history.write_bytes(b"garbage " * 1000)
    # No traceback, and no reason not to deliver.
    assert alpha.hookkit(pair.repository, "mirror", "log", check=False).stderr.startswith("error: the record")
    work.git("push", "alpha", "HEAD:refs/heads/again")
    assert pair.is_equal()
    assert "again new" in alpha.hookkit(pair.repository, "mirror", "log").stdout


def test_the_fingerprint_is_what_git_and_sha256sum_say(pair: Cluster, pusher: Pusher) -> None:
    alpha, bravo = pair["alpha"], pair["bravo"]
    work = pusher(pair)
    work.commit("first")
    work.git("tag", "-a", "-m", "a tag", "v1.0")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/z-ü", "HEAD:refs/heads/a/b", "v1.0")
    for node in pair:
        node.git(pair.repository, "update-ref", "refs/other/not-mirrored", work.oid())
    listed = "git for-each-ref --format='%(objectname) %(refname)' refs/heads refs/tags refs/notes | sha256sum"
    by_hand = [
        subprocess.run(listed, shell=True, cwd=node.path(pair.repository), capture_output=True, text=True, check=True)
        for node in pair
    ]
    (found,) = json.loads(alpha.hookkit(pair.repository, "mirror", "verify", "--json").stdout)
    assert [each.stdout.split()[0] for each in by_hand] == [
        found["fingerprint"]["here"],
        found["fingerprint"]["there"],
    ]
    bravo.git(pair.repository, "update-ref", "-d", "refs/heads/a/b")
    done = alpha.hookkit(pair.repository, "mirror", "verify", "--json", check=False)
    (found,) = json.loads(done.stdout)
    assert done.status == 1
    assert found["fingerprint"]["here"] != found["fingerprint"]["there"]


def test_metrics(pair: Cluster, pusher: Pusher, tmp_path: Path) -> None:
    alpha, bravo = pair["alpha"], pair["bravo"]
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    with faults.stopped(bravo):
        work.git("push", "alpha", "HEAD:refs/heads/more", "HEAD:refs/heads/another")
    file = tmp_path / "hookkit.prom"
    folder = alpha.repositories
    assert alpha.hookkit(pair.repository, "metrics", "--all", str(folder), "--output", str(file)).stdout == ""
    assert [each.name for each in tmp_path.iterdir()] == ["hookkit.prom"]
    own = {"repository": str(alpha.path(pair.repository)), "node": "alpha", "remote": "bravo"}
    samples = {
        (sample.name, *(value for name, value in sample.labels.items() if name not in own)): sample
        for family in text_string_to_metric_families(file.read_text())
        for sample in family.samples
    }
    assert all(own.items() <= sample.labels.items() for sample in samples.values())
    values = {key: sample.value for key, sample in samples.items()}
    assert values["hookkit_mirror_pending_refs",] == 2
    assert 0 < values["hookkit_mirror_lag_seconds",] < 60
    assert values["hookkit_mirror_last_success_timestamp_seconds",] > 1_700_000_000
    assert values["hookkit_mirror_host_down",] == 0  # without a worker nobody would find out that it is back
    assert values["hookkit_mirror_state", "offline"] == 1
    assert sum(value for key, value in values.items() if key[0] == "hookkit_mirror_state") == 1
    assert values["hookkit_mirror_deliveries_total", "ok"] == 1
    assert values["hookkit_mirror_deliveries_total", "offline"] == 1
    assert values["hookkit_mirror_delivery_seconds_total", "ok"] > 0
    before = values["hookkit_mirror_deliveries_total", "ok"]
    alpha.hookkit(pair.repository, "mirror", "sync")
    shown = alpha.hookkit(pair.repository, "metrics").stdout
    assert f'outcome="ok",remote="bravo",repository="{own["repository"]}"}} {before + 1}' in shown
    wrong = alpha.hookkit(pair.repository, "metrics", "--output", "/proc/no.prom", check=False)
    assert wrong.status == 2
    assert wrong.stderr.startswith("error: cannot write /proc/no.prom")


def test_verify_for_every_repository_below_a_folder(pair: Cluster, pusher: Pusher) -> None:
    alpha, bravo = pair["alpha"], pair["bravo"]
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    alpha.create_repository("other")
    bravo.create_repository("other")
    alpha.git("other", "remote", "add", "bravo", bravo.url("other"))
    alpha.hookkit("other", "install")
    alpha.create_repository("without")
    alpha.git("without", "remote", "add", "bravo", bravo.url("without"))
    folder = str(alpha.path("other").parent)
    fine = alpha.hookkit("other", "mirror", "verify", "--all", folder)
    assert fine.stdout == f"2 repositories below {folder}: 2 of 2 remotes have everything\n"
    alpha.git("other", "fetch", "--quiet", str(alpha.path(pair.repository)), "main:main")  # past the hooks
    lacking = alpha.hookkit("other", "mirror", "verify", "--all", folder, check=False)
    assert lacking.status == 1
    _, row, last = lacking.stdout.splitlines()
    assert row.split()[:3] == [str(alpha.path("other")), "bravo", "different"]
    assert last.endswith("1 of 2 remotes have everything")
    with faults.repository_missing(bravo, "other"):
        found = json.loads(alpha.hookkit("other", "mirror", "verify", "--all", folder, "--json", check=False).stdout)
    assert {each["repository"]: each["remotes"][0]["result"] for each in found} == {
        str(alpha.path("other")): "unknown",
        str(alpha.path(pair.repository)): "in-sync",
    }
    alpha.git("other", "config", "hookkit.mirror.wait", "soon")
    wrong = alpha.hookkit("other", "mirror", "verify", "--all", folder, check=False)
    assert wrong.status == 1
    assert "hookkit.mirror.wait" in wrong.stderr
    assert "1 of 1 remotes" in wrong.stdout
    assert not list(bravo.path("other").glob("refs/heads/*"))


def test_doctor_for_every_repository_below_a_folder(pair: Cluster) -> None:
    alpha = pair["alpha"]
    alpha.create_repository("without")
    folder = str(alpha.path("without").parent)
    before = alpha.hookkit(pair.repository, "doctor", "--all", folder, check=False)
    hook = alpha.path(pair.repository) / "hooks" / "post-receive"
    hook.chmod(0o644)
    found = alpha.hookkit(pair.repository, "doctor", "--all", folder, check=False)
    assert found.status == 1
    assert found.stdout.splitlines()[0] == str(alpha.path(pair.repository))
    assert "post-receive" in found.stdout
    assert "without" not in found.stdout
    assert f"1 repository below {folder}: all is well in 0" in found.stdout
    (data,) = json.loads(alpha.hookkit(pair.repository, "doctor", "--all", folder, "--json", check=False).stdout)
    assert data["repository"] == str(alpha.path(pair.repository))
    assert {"ok", "problem"} <= {each["verdict"] for each in data["checks"]}
    fixed = alpha.hookkit(pair.repository, "doctor", "--fix", "--all", folder, check=False)
    assert fixed.status == before.status
    assert "fixed" in fixed.stdout
