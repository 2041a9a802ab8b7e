"""An example for every hook, as the reference shows it: the plugin ``example``. The tests call each of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import click

from hookkit.api import (
    Check,
    Failure,
    Kind,
    Metric,
    Option,
    ProcResult,
    Push,
    PushedRef,
    RefUpdate,
    Refusal,
    Repository,
    Rewrite,
    Section,
    call_plugins,
    hookimpl,
    hookspec,
    options,
    terminal,
)

TEAM = options.strings("team", ("alice", "ci"), "Who may push release tags.")
SIGNED = options.boolean("signed", False, "Refuse messages without Signed-off-by.")


def pushes(repo: Repository) -> int:
    """How many there were: one byte for each."""
    file = repo.plugin_dir("example") / "pushes"
    return file.stat().st_size if file.exists() else 0


@hookimpl
def hookkit_pre_receive(repo: Repository, push: Push) -> Refusal | None:
    team = repo.settings("example").get(TEAM)
    if push.pusher not in team and any(update.ref.startswith("refs/tags/v") for update in push.updates):
        return Refusal(f"release tags are pushed by {' or '.join(team)}")
    return None


@hookimpl
def hookkit_proc_receive(repo: Repository, push: Push) -> Sequence[ProcResult]:
    # With receive.procReceiveRefs = refs/for, a push to refs/for/main makes a branch review/main.
    results = []
    for update in push.updates:
        branch = update.ref.replace("refs/for/", "refs/heads/review/", 1)
        done = repo.git("update-ref", branch, update.new, check=False)
        results.append(ProcResult(update.ref, f"cannot make {branch}" if done.status else None))
    return results


@hookimpl
def hookkit_update(repo: Repository, update: RefUpdate) -> Refusal | None:
    if update.ref == "refs/heads/main" and update.deletes:
        return Refusal("main stays")
    return None


@hookimpl
def hookkit_reference_transaction(repo: Repository, state: str, updates: Sequence[RefUpdate]) -> Refusal | None:
    # Whoever moves them, and with whichever command.
    moved = [update.ref for update in updates if update.ref.startswith("refs/archive/") and not update.creates]
    if state == "prepared" and moved:
        return Refusal(f"what is in the archive stays as it is: {', '.join(moved)}")
    return None


@hookimpl
def hookkit_push_to_checkout(repo: Repository, commit: str) -> Refusal | None:
    # As git does it without a hook; then tell the web server which version it shows.
    if repo.git("read-tree", "-u", "-m", "HEAD", commit, check=False).status:
        return Refusal("the work tree has changes of its own")
    (repo.path / "version.txt").write_text(f"{commit}\n")
    return None


@hookspec
def hookkit_example_counted(repo: Repository, count: int) -> str:  # type: ignore[empty-body]
    """There was one more push."""


@hookimpl
def hookkit_post_receive(repo: Repository, push: Push) -> None:
    with (repo.plugin_dir("example") / "pushes").open("ab") as file:
        file.write(b".")
    call_plugins(repo, hookkit_example_counted, count=pushes(repo))


@hookimpl
def hookkit_post_update(repo: Repository, refs: Sequence[str]) -> None:
    # For clones over plain http.
    repo.git("update-server-info")


@hookimpl
def hookkit_pre_commit(repo: Repository) -> Refusal | None:
    wrong = repo.git("diff", "--cached", "--check", check=False)
    return Refusal(wrong.text()) if wrong.status else None


@hookimpl
def hookkit_prepare_commit_msg(repo: Repository, path: Path, source: str | None, commit: str | None) -> None:
    # Nothing was given with -m or -F, and nothing is amended: begin with the branch's name.
    if source is None:
        branch = repo.git("symbolic-ref", "--short", "HEAD", check=False).text()
        path.write_text(f"{branch}: {path.read_text()}")


@hookimpl
def hookkit_commit_msg(repo: Repository, path: Path) -> Refusal | None:
    subject = path.read_text().partition("\n")[0]
    if len(subject) > 72:
        return Refusal(f"the subject has {len(subject)} characters, 72 fit into a line of git log")
    return None


@hookimpl
def hookkit_post_commit(repo: Repository) -> None:
    print(repo.git("shortlog", "-s", "--since=midnight", "HEAD").text())


@hookimpl
def hookkit_pre_merge_commit(repo: Repository) -> Refusal | None:
    if repo.git("symbolic-ref", "--short", "HEAD", check=False).text() == "main":
        return Refusal("main has no merge commits: rebase the branch, then merge it with --ff-only")
    return None


@hookimpl
def hookkit_post_merge(repo: Repository, squash: bool) -> None:
    changed = repo.git("diff", "--name-only", "ORIG_HEAD", "HEAD", check=False).text().splitlines()
    if "requirements.txt" in changed:
        print("requirements.txt has changed: pip install -r requirements.txt")


@hookimpl
def hookkit_pre_rebase(repo: Repository, upstream: str, branch: str | None) -> Refusal | None:
    name = branch or repo.git("symbolic-ref", "--short", "HEAD", check=False).text()
    return Refusal("main is what others build on: it is not rebased") if name == "main" else None


@hookimpl
def hookkit_post_rewrite(repo: Repository, command: str, rewritten: Sequence[Rewrite]) -> None:
    for old, new in rewritten:
        print(f"{command}: {old[:7]} is {new[:7]} now")


@hookimpl
def hookkit_post_checkout(repo: Repository, old: str, new: str, branch: bool) -> None:
    if branch and repo.git("diff", "--quiet", old, new, "--", "requirements.txt", check=False).status == 1:
        print("requirements.txt is another one here")


@hookimpl
def hookkit_pre_push(repo: Repository, remote: str, url: str, refs: Sequence[PushedRef]) -> Refusal | None:
    for ref in refs:
        if ref.local_ref != "(delete)":
            subjects = repo.git("log", "--format=%s", ref.local_oid, "--not", f"--remotes={remote}").text()
            if "fixup!" in subjects:
                return Refusal(f"{ref.remote_ref} has fixups: git rebase --autosquash")
    return None


@hookimpl
def hookkit_applypatch_msg(repo: Repository, path: Path) -> Refusal | None:
    if repo.settings("example").get(SIGNED) and "Signed-off-by: " not in path.read_text():
        return Refusal("the patch is not signed off")
    return None


@hookimpl
def hookkit_pre_applypatch(repo: Repository) -> Refusal | None:
    wrong = repo.git("diff", "HEAD", "--check", check=False)
    return Refusal(wrong.text()) if wrong.status else None


@hookimpl
def hookkit_post_applypatch(repo: Repository) -> None:
    print(repo.git("log", "-1", "--format=applied %h: %s").text())


@hookimpl
def hookkit_sendemail_validate(repo: Repository, path: Path, headers: Path | None) -> Refusal | None:
    # RFC 5322, 2.1.1
    if max(map(len, path.read_bytes().splitlines()), default=0) > 998:
        return Refusal("a line is longer than mail can have it: attach the patch")
    return None


@hookimpl
def hookkit_pre_auto_gc(repo: Repository) -> Refusal | None:
    mains = list(Path("/sys/class/power_supply").glob("*/online"))
    if mains and not any(file.read_text().strip() == "1" for file in mains):
        return Refusal("not on battery")
    return None


@hookimpl
def hookkit_post_index_change(repo: Repository, work_tree: bool, skip_worktree: bool) -> None:
    # Whoever watches the index need not look at it again and again.
    (repo.plugin_dir("example") / "index-changed").touch()


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    return [TEAM, SIGNED]


@hookimpl
def hookkit_commands() -> Sequence[click.Command]:
    @click.command("pushes")
    @click.pass_context
    def command(context: click.Context) -> None:
        """Say how many pushes there were."""
        terminal.say(f"{pushes(context.obj.repository())} pushes")

    return [command]


@hookimpl
def hookkit_hookspecs() -> Sequence[Callable[..., object]]:
    return [hookkit_example_counted]


@hookimpl
def hookkit_hooks(repo: Repository) -> Sequence[str]:
    needed = ["pre-receive", "post-receive"]
    return [*needed, "applypatch-msg"] if repo.settings("example").get(SIGNED) else needed


@hookimpl
def hookkit_install(repo: Repository) -> dict[str, str]:
    return {"receive.denyDeletes": "true"}


@hookimpl
def hookkit_status(repo: Repository) -> Sequence[Section]:
    count = pushes(repo)
    return [Section("pushes", count, "Pushes", ("how many",), ((str(count),),))]


@hookimpl
def hookkit_doctor(repo: Repository) -> Iterable[Check]:
    file = repo.plugin_dir("example") / "pushes"
    if file.exists() and file.stat().st_size > 1_000_000:
        yield Check("count of pushes", "warning", "it is long", f"rm {file}", fix=file.unlink)
    else:
        yield Check("count of pushes", "ok")


@hookimpl
def hookkit_metrics(repo: Repository) -> Iterable[Metric]:
    yield Metric("hookkit_example_pushes_total", "Pushes to the repository.", "counter", pushes(repo))


def note(repo: Repository, line: str) -> None:
    """A line for the people who look after the mirrors."""
    with (repo.plugin_dir("example") / "mirrors.log").open("a") as log:
        log.write(f"{line}\n")


@hookimpl
def hookkit_mirror_stale(repo: Repository, remote: str, pending: int, error: str | None) -> None:
    note(repo, f"{remote} is {pending} refs behind: {error or 'nobody knows why'}")


@hookimpl
def hookkit_mirror_recovered(repo: Repository, remote: str) -> None:
    note(repo, f"{remote} is in sync again")


@hookimpl
def hookkit_mirror_diverged(repo: Repository, remote: str, refs: Sequence[str]) -> None:
    note(repo, f"{remote} has something else in {', '.join(refs)}")


@hookimpl
def hookkit_mirror_before_push(repo: Repository, remote: str, updates: Sequence[RefUpdate]) -> Failure | None:
    # Releases leave the house when their notes are written.
    written = repo.refs("refs/notes/releases")
    if not written and any(update.ref.startswith("refs/tags/v") for update in updates):
        return Failure(Kind.UNREADY, f"{remote} gets no release without refs/notes/releases")
    return None


@hookimpl
def hookkit_mirror_received(repo: Repository, fetched: Mapping[str, Mapping[str, str]]) -> Mapping[str, object]:
    # Journals are taken as they are: a server that passes them on and has no branches of its own.
    for journals in fetched.values():
        for node, ref in journals.items():
            repo.git("update-ref", f"refs/hookkit/journal/{node}", ref)
    return {"notes": [f"hookkit: {peer} had {len(journals)} journals" for peer, journals in fetched.items()]}


@hookimpl
def hookkit_mirror_compared(repo: Repository, there: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    # Whoever has all journals is to have a branch main.
    ours = {*repo.refs("refs/hookkit/journal/").items()}
    return {
        peer: "has the journals, but no branch main"
        for peer, refs in there.items()
        if ours <= {*refs.items()} and "refs/heads/main" not in refs
    }


@hookimpl
def hookkit_setup_enroll_backends(folder: str) -> Mapping[str, bool]:
    return {"acl": (Path(folder) / "acl.txt").is_file()}


@hookimpl
def hookkit_setup_enroll_plan(
    backend: str, folder: str, keys: Mapping[str, str], repos: Sequence[str]
) -> Mapping[str, object] | None:
    if backend != "acl":
        return None
    text = (Path(folder) / "acl.txt").read_text()
    lines = [f"{name} may write {repo}" for name in keys for repo in repos]
    text += "".join(f"{line}\n" for line in lines if line not in text.splitlines())
    return {
        "files": {"acl.txt": text} | {f"keys/{name}": f"{key}\n" for name, key in keys.items()},
        "repositories": list(repos),
    }
