"""What git, ssh and servers say when something fails, word for word (git 2.39.5, OpenSSH 9.2, gitolite 3.6)."""

import pytest

from hookkit.failures import Failure, Kind, about_lock, classify, refusal

ACCESS = (
    "fatal: Could not read from remote repository.\n\n"
    "Please make sure you have the correct access rights\nand the repository exists.\n"
)
LINE_OF_AT = "@" * 59 + "\n"
ADDED = "Warning: Permanently added '[127.0.0.1]:2222' (ED25519) to the list of known hosts.\n"
HTTP = "fatal: unable to access 'http://127.0.0.1:2222/x.git/': The requested URL returned error: "

CONNECTIONS: dict[str, tuple[str, Kind, str]] = {
    "connection refused": (
        f"ssh: connect to host bravo port 22: Connection refused\n{ACCESS}",
        Kind.OFFLINE,
        "connect to host bravo port 22: Connection refused",
    ),
    "packets dropped": (
        f"ssh: connect to host bravo port 22: Connection timed out\n{ACCESS}",
        Kind.OFFLINE,
        "connect to host bravo port 22: Connection timed out",
    ),
    "no route": (
        f"ssh: connect to host bravo port 22: No route to host\n{ACCESS}",
        Kind.OFFLINE,
        "connect to host bravo port 22: No route to host",
    ),
    "no such host": (
        f"ssh: Could not resolve hostname no-such-host.invalid: Name or service not known\n{ACCESS}",
        Kind.OFFLINE,
        "Could not resolve hostname no-such-host.invalid: Name or service not known",
    ),
    "closed at once": (
        f"kex_exchange_identification: read: Connection reset by peer\nConnection reset by 127.0.0.1 port 2222\n{ACCESS}",
        Kind.OFFLINE,
        "kex_exchange_identification: read: Connection reset by peer",
    ),
    "not an ssh server": (
        "kex_exchange_identification: Connection closed by remote host\n"
        f"Connection closed by 127.0.0.1 port 2222\n{ACCESS}",
        Kind.OFFLINE,
        "kex_exchange_identification: Connection closed by remote host",
    ),
    "died over there": (
        "send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\n",
        Kind.OFFLINE,
        "send-pack: unexpected disconnect while reading sideband packet",
    ),
    "no key file, and refused": (
        "Warning: Identity file /nonexistent not accessible: No such file or directory.\n"
        f"ssh: connect to host 127.0.0.1 port 1: Connection refused\n{ACCESS}",
        Kind.OFFLINE,
        "connect to host 127.0.0.1 port 1: Connection refused",
    ),
    "host key changed": (
        f"{LINE_OF_AT}@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n{LINE_OF_AT}"
        "IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\n"
        "Someone could be eavesdropping on you right now (man-in-the-middle attack)!\n"
        "It is also possible that a host key has just been changed.\n"
        "The fingerprint for the ED25519 key sent by the remote host is\n"
        "SHA256:j2dkzULcpzYNonBBzx0nEthAAEx3vSjZ/4+OJLcV0rg.\n"
        "Please contact your system administrator.\n"
        "Host key for bravo has changed and you have requested strict checking.\n"
        f"Host key verification failed.\n{ACCESS}",
        Kind.HOST_KEY,
        "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!",
    ),
    "host key not known": (
        "No ED25519 host key is known for bravo and you have requested strict checking.\n"
        f"Host key verification failed.\n{ACCESS}",
        Kind.HOST_KEY,
        "No ED25519 host key is known for bravo and you have requested strict checking.",
    ),
    "key not accepted": (
        f"git@bravo: Permission denied (publickey).\n{ACCESS}",
        Kind.AUTH,
        "git@bravo: Permission denied (publickey).",
    ),
    "no key file": (
        "Warning: Identity file /nonexistent not accessible: No such file or directory.\n"
        f"{ADDED}git@127.0.0.1: Permission denied (publickey).\n{ACCESS}",
        Kind.AUTH,
        "git@127.0.0.1: Permission denied (publickey).",
    ),
    "key file is garbage": (
        f'{ADDED}Load key "/home/git/.ssh/bad": error in libcrypto\n'
        f"git@127.0.0.1: Permission denied (publickey).\n{ACCESS}",
        Kind.AUTH,
        'Load key "/home/git/.ssh/bad": error in libcrypto',
    ),
    "key file is open": (
        f"{ADDED}{LINE_OF_AT}@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\n{LINE_OF_AT}"
        "Permissions 0666 for '/home/git/.ssh/open' are too open.\n"
        'Load key "/home/git/.ssh/open": bad permissions\n'
        f"git@127.0.0.1: Permission denied (publickey).\n{ACCESS}",
        Kind.AUTH,
        "WARNING: UNPROTECTED PRIVATE KEY FILE!",
    ),
    "repository missing": (
        f"fatal: '~/project.git' does not appear to be a git repository\n{ACCESS}",
        Kind.MISSING,
        "'~/project.git' does not appear to be a git repository",
    ),
    "gitolite does not let in": (
        f"FATAL: W any project dana DENIED by fallthru\n(or you mis-spelled the reponame)\n{ACCESS}",
        Kind.DENIED,
        "FATAL: W any project dana DENIED by fallthru",
    ),
    "gitosis does not let in": (
        f"ERROR:gitosis.serve.main:Repository write access denied\n{ACCESS}",
        Kind.DENIED,
        "ERROR:gitosis.serve.main:Repository write access denied",
    ),
    "github does not let in": (
        f"ERROR: Permission to a/b.git denied to c.\n{ACCESS}",
        Kind.DENIED,
        "ERROR: Permission to a/b.git denied to c.",
    ),
    "github does not know it": (
        f"ERROR: Repository not found.\n{ACCESS}",
        Kind.MISSING,
        "ERROR: Repository not found.",
    ),
    "no ssh program": (
        "fatal: cannot run /nonexistent/ssh: No such file or directory\nfatal: unable to fork\n",
        Kind.REFUSED,
        "cannot run /nonexistent/ssh: No such file or directory",
    ),
    "configuration broken there": (
        f"fatal: bad config line 1 in file ./config\n{ACCESS}",
        Kind.REFUSED,
        "bad config line 1 in file ./config",
    ),
    "another program at the other end": (
        "fatal: protocol error: bad line length character: rest\n",
        Kind.REFUSED,
        "protocol error: bad line length character: rest",
    ),
    "nothing but the usual": (ACCESS, Kind.REFUSED, "the other end hung up without a word"),
    "object format": (
        "fatal: the receiving end does not support this repository's hash algorithm\n"
        "fatal: the remote end hung up unexpectedly\n",
        Kind.REFUSED,
        "the receiving end does not support this repository's hash algorithm",
    ),
    "unknown scheme": (
        "git: 'remote-foo' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tremote-ftp\n",
        Kind.REFUSED,
        "git: 'remote-foo' is not a git command. See 'git --help'.",
    ),
    "http 401": (
        "fatal: could not read Username for 'http://127.0.0.1:2222': terminal prompts disabled\n",
        Kind.AUTH,
        "could not read Username for 'http://127.0.0.1:2222': terminal prompts disabled",
    ),
    "http 403": (HTTP + "403\n", Kind.DENIED, (HTTP + "403").removeprefix("fatal: ")),
    "http 404": (
        "fatal: repository 'http://127.0.0.1:2222/x.git/' not found\n",
        Kind.MISSING,
        "repository 'http://127.0.0.1:2222/x.git/' not found",
    ),
    "http 429": (HTTP + "429\n", Kind.SERVER, (HTTP + "429").removeprefix("fatal: ")),
    "http 500": (HTTP + "500\n", Kind.SERVER, (HTTP + "500").removeprefix("fatal: ")),
    "http 503": (HTTP + "503\n", Kind.SERVER, (HTTP + "503").removeprefix("fatal: ")),
    "http refused": (
        "fatal: unable to access 'http://h/x.git/': Failed to connect to h port 9 after 0 ms: Couldn't connect to server\n",
        Kind.OFFLINE,
        "unable to access 'http://h/x.git/': Failed to connect to h port 9 after 0 ms: Couldn't connect to server",
    ),
    "http, no such host": (
        "fatal: unable to access 'http://h.invalid/x.git/': Could not resolve host: h.invalid\n",
        Kind.OFFLINE,
        "unable to access 'http://h.invalid/x.git/': Could not resolve host: h.invalid",
    ),
    "git protocol refused": (
        "fatal: unable to connect to 127.0.0.1:\n127.0.0.1[0: 127.0.0.1]: errno=Connection refused\n\n",
        Kind.OFFLINE,
        "127.0.0.1[0: 127.0.0.1]: errno=Connection refused",
    ),
}


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (CONNECTIONS["http 401"][0], "git help credentials"),
        ("fatal: Authentication failed for 'https://h/x.git/'\n", "git help credentials"),
        (CONNECTIONS["key not accepted"][0], "ssh -o"),
        ("fatal: unable to access 'https://h/x.git/': SSL certificate problem: self-signed\n", "http.sslCAInfo"),
        ("Host key verification failed.\n", "ssh-keygen -R"),
        (ACCESS, "git remote -v"),
    ],
)
def test_what_to_do_is_about_that_kind_of_connection(said: str, hint: str) -> None:
    assert hint in (classify(128, said, 1).hint or "")


@pytest.mark.parametrize(
    ("reason", "said", "expected"),
    [
        (
            "unpacker error",
            "error: Could not read 5f2b1c0e\nfatal: unable to read tree\nerror: remote unpack failed: x\n",
            "Could not read 5f2b1c0e: something is damaged here, git fsck shows it",
        ),
        (
            "unpacker error",
            "remote: fatal: early EOF\nerror: remote unpack failed: x\n",
            "unpacker error: early EOF",
        ),
        (
            "shallow update not allowed",
            "",
            "shallow update not allowed: the repository here is shallow, git fetch --unshallow mends that",
        ),
    ],
)
def test_whose_fault_it_is(reason: str, said: str, expected: str) -> None:
    assert refusal("refs/heads/main", reason, said).cause == expected


def test_an_ssh_command_that_is_not_there_is_named_without_its_options() -> None:
    said = "/nowhere/ssh -o BatchMode=yes -o 'ControlPath=/a b' -o Port=1: 1: /nowhere/ssh: not found\nfatal: x\n"
    assert classify(128, said, 1).cause == "/nowhere/ssh: 1: /nowhere/ssh: not found"


def test_git_says_nothing_at_all() -> None:
    assert classify(3, "", 1) == Failure(Kind.REFUSED, "git ended with exit status 3")


@pytest.mark.parametrize("name", CONNECTIONS)
def test_connections(name: str) -> None:
    said, kind, cause = CONNECTIONS[name]
    found = classify(128, said, 1)
    assert (found.kind, found.cause) == (kind, cause)


def test_only_what_can_pass_is_tried_again() -> None:
    assert {kind for kind in Kind if kind.passes} == {Kind.OFFLINE, Kind.BUSY, Kind.SERVER}
    assert {kind for kind in Kind if kind.unreachable} == {Kind.OFFLINE, Kind.TIMEOUT, Kind.SERVER}


def test_ended_at_the_deadline() -> None:
    # What ssh says when it is killed is not the cause.
    found = classify(None, "Connection to bravo closed by remote host.\n", 9.6)
    assert (found.kind, found.cause) == (Kind.TIMEOUT, "within 10s")
    assert classify(None, "", 3).kind is Kind.TIMEOUT
    assert classify(None, "Host key verification failed.\n", 3).kind is Kind.HOST_KEY


def test_ended_by_a_broken_pipe() -> None:
    assert classify(141, "", 0) == Failure(Kind.OFFLINE, "the connection ended")


@pytest.mark.parametrize("status", [128, None])
def test_what_a_peer_says_of_its_own_remotes_is_not_about_this_connection(status: int | None) -> None:
    said = (
        "remote: hookkit: charlie  host key, 1 ref queued: No ED25519 host key is known for charlie\n"
        "remote: hookkit: delta  disk full, 1 ref queued: No space left on device\n"
    )
    assert classify(status, said, 5).kind is (Kind.TIMEOUT if status is None else Kind.REFUSED)
    broken = said + "send-pack: unexpected disconnect while reading sideband packet\n"
    assert classify(128, broken, 5).kind is Kind.OFFLINE
    assert refusal("refs/heads/x", "hook declined", said).kind is Kind.REFUSED


def test_secrets_and_control_characters_are_not_shown() -> None:
    said = "fatal: unable to access 'https://u:hunter2@h/x.git/': \x1b[31mCould not resolve host: h\x07\n"
    assert str(classify(128, said, 1)) == (
        "offline: unable to access 'https://u:***@h/x.git/': Could not resolve host: h"
    )


def test_a_password_before_the_host_that_ssh_takes_for_the_user() -> None:
    found = classify(128, f"u:hunter2@bravo: Permission denied (publickey).\n{ACCESS}", 1)
    assert str(found) == "not let in: u:***@bravo: Permission denied (publickey)."


def test_a_lock_that_is_here_has_a_hint_and_one_that_is_there_has_none() -> None:
    said = (
        "cannot lock ref 'refs/remotes/x/main': Unable to create '/w/a b/.git/refs/remotes/x/main.lock': File exists.\n"
    )
    for start in ("error: ", "fatal: update_ref failed for ref 'refs/remotes/x/main': "):
        found = classify(1, start + said, 1)
        assert found.kind is Kind.BUSY
        assert found.hint is not None
        assert found.hint.endswith(": rm '/w/a b/.git/refs/remotes/x/main.lock'")
    index = classify(128, "fatal: Unable to create '/w/.git/index.lock': File exists.\n", 1)
    assert (index.kind, (index.hint or "").rpartition(": ")[2]) == (Kind.BUSY, "rm /w/.git/index.lock")
    assert classify(1, f"remote: error: {said}", 1)[::2] == (Kind.BUSY, None)


def test_a_name_that_nobody_knows_has_a_hint() -> None:
    assert "git remote -v" in (classify(128, CONNECTIONS["no such host"][0], 1).hint or "")


def test_long_causes_are_cut() -> None:
    assert len(classify(128, "fatal: " + "x" * 5000, 1).cause) <= 160


DECLINED = "remote: error: hook declined to update refs/heads/main        \n"
REFUSALS: dict[str, tuple[str, str, Kind, str]] = {
    "pre-receive, with the remote's words": (
        "pre-receive hook declined",
        "remote: no releases on Friday        \nerror: failed to push some refs to 'ssh://bravo/~/p.git'\n",
        Kind.REFUSED,
        "pre-receive hook declined: no releases on Friday",
    ),
    "a plugin's reason is better than what else is said": (
        "pre-receive hook declined",
        "remote: welcome to bravo        \nremote: hookkit: refused by policy: too big        \n",
        Kind.REFUSED,
        "pre-receive hook declined: hookkit: refused by policy: too big",
    ),
    "update": (
        "hook declined",
        f"remote: locked is locked\n{DECLINED}",
        Kind.REFUSED,
        "hook declined: locked is locked",
    ),
    "nothing is said": ("hook declined", DECLINED, Kind.REFUSED, "hook declined"),
    "protected branch": (
        "hook declined",
        f"remote: error: protected branch main        \n{DECLINED}",
        Kind.DENIED,
        "protected branch main",
    ),
    "gitolite": (
        "hook declined",
        "remote: FATAL: W refs/heads/main project dana DENIED by refs/heads/main        \n" + DECLINED,
        Kind.DENIED,
        "FATAL: W refs/heads/main project dana DENIED by refs/heads/main",
    ),
    "disk full, unpacking": (
        "unpacker error",
        "remote: fatal: unable to write loose object file: No space left on device        \n"
        "error: remote unpack failed: unpack-objects abnormal exit\n",
        Kind.DISK_FULL,
        "unable to write loose object file: No space left on device",
    ),
    "mounted read-only": (
        "unpacker error",
        "error: remote unpack failed: unable to create temporary object directory\n",
        Kind.READ_ONLY,
        "remote unpack failed: unable to create temporary object directory",
    ),
    "files of another account": (
        "unpacker error",
        "remote: error: insufficient permission for adding an object to repository database ./objects        \n"
        "remote: fatal: failed to write object        \nerror: remote unpack failed: unpack-objects abnormal exit\n",
        Kind.READ_ONLY,
        "insufficient permission for adding an object to repository database ./objects",
    ),
    "disk full, in a hook": (
        "pre-receive hook declined",
        "remote: cp: error writing /backup/x: No space left on device        \n",
        Kind.DISK_FULL,
        "cp: error writing /backup/x: No space left on device",
    ),
    "fsck": (
        "unpacker error",
        "remote: error: object 065d8ba315efa3e6d9c2e6f894994e43770ecad8: hasDotgit: contains '.git'        \n"
        "remote: fatal: fsck error in packed object        \n",
        Kind.REFUSED,
        "unpacker error: object 065d8ba315efa3e6d9c2e6f894994e43770ecad8: hasDotgit: contains '.git'",
    ),
    "receive.denyNonFastForwards": (
        "non-fast-forward",
        "remote: error: denying non-fast-forward refs/heads/main (you should pull first)        \n",
        Kind.REFUSED,
        "non-fast-forward: denying non-fast-forward refs/heads/main (you should pull first)",
    ),
    "receive.denyDeletes": (
        "deletion prohibited",
        "remote: error: denying ref deletion for refs/heads/main        \n",
        Kind.REFUSED,
        "deletion prohibited: denying ref deletion for refs/heads/main",
    ),
    "hidden": (
        "deny updating a hidden ref",
        "error: failed to push some refs to 'ssh://bravo/~/p.git'\n",
        Kind.REFUSED,
        "deny updating a hidden ref",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name: str) -> None:
    reason, said, kind, cause = REFUSALS[name]
    found = refusal("refs/heads/main", reason, said)
    assert (found.kind, found.cause) == (kind, cause)


def test_what_a_hook_says_is_to_be_done_is_not_cut_off() -> None:
    said = (
        "hookkit: refused by cluster: hookkit/journal/november: the repository of november has not one commit in common "
        "with this one; if they are to become one: git config hookkit.cluster.allow-unrelated true"
    )
    found = refusal("refs/hookkit/journal/november", "pre-receive hook declined", f"remote: {said}\n")
    assert found.cause == f"pre-receive hook declined: {said}"
    assert len(refusal("refs/heads/x", "hook declined", "remote: " + "x" * 5000).cause) <= 400


def test_each_ref_gets_its_own_words() -> None:
    said = "remote: refs/heads/a is frozen\nremote: refs/heads/b is not yours\n"
    assert refusal("refs/heads/a", "hook declined", said).cause == "hook declined: refs/heads/a is frozen"
    assert refusal("refs/heads/b", "hook declined", said).cause == "hook declined: refs/heads/b is not yours"


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("branch is currently checked out", "receive.denyCurrentBranch"),
        ("deletion prohibited", "receive.denyDeletes"),
        ("deny updating a hidden ref", "receive.deny"),
    ],
)
def test_hints(reason: str, word: str) -> None:
    assert word in (refusal("refs/heads/x", reason, "").hint or "")


CANNOT = "remote: error: cannot lock ref 'refs/heads/main': "
LOCKS: list[tuple[str, bool, str]] = [
    (
        CANNOT + "Unable to create '/srv/p.git/./refs/heads/main.lock': File exists.        ",
        False,
        "cannot lock ref 'refs/heads/main': Unable to create '/srv/p.git/./refs/heads/main.lock': File exists.",
    ),
    (
        "remote: error: Unable to create '/srv/p.git/./packed-refs.lock': File exists.        ",
        False,
        "Unable to create '/srv/p.git/./packed-refs.lock': File exists.",
    ),
    (CANNOT + f"is at {'a' * 40} but expected {'b' * 40}", False, ""),
    (
        CANNOT + "'refs/heads/main/sub' exists; cannot create 'refs/heads/main'        ",
        True,
        "cannot lock ref 'refs/heads/main': 'refs/heads/main/sub' exists; cannot create 'refs/heads/main'",
    ),
    (CANNOT + "Unable to create '/srv/p.git/./refs/heads/main.lock': Permission denied", True, ""),
    (CANNOT + "Unable to create '/srv/p.git/./refs/heads/main.lock': Read-only file system", True, ""),
    ("remote: error: cannot lock ref 'refs/heads/else': 'refs/heads' exists; cannot create it", False, "failed"),
]


@pytest.mark.parametrize(("said", "lasting", "words"), LOCKS)
def test_locks(said: str, lasting: bool, words: str) -> None:
    lasts, found = about_lock("refs/heads/main", "failed to update ref", f"{said}\nremote: \n")
    assert lasts is lasting
    assert words in found


CHANGED = "@ REMOTE HOST IDENTIFICATION HAS CHANGED! @\nOffending ED25519 key in {}/known_hosts:1\n"


@pytest.mark.parametrize(
    ("stderr", "hint"),
    [
        (
            "No ED25519 host key is known for b and so on.\nHost key verification failed.\n",
            "setup remote NAME URL shows",
        ),
        (CHANGED.format("/h/.ssh"), "ssh-keygen -R HOST"),
        (CHANGED.format("/h/hookkit/ssh"), "hookkit setup remote NAME URL --fingerprint"),
    ],
)
def test_what_to_do_about_a_host_key(stderr: str, hint: str) -> None:
    found = classify(128, stderr, 1)
    assert found.kind is Kind.HOST_KEY
    assert hint in (found.hint or "")
