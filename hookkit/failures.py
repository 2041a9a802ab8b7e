"""What a failed connection means: a class, a cause in one line, what to do about it. Pure.

Read from the words of git, ssh and the servers' access layers, in English (``LC_ALL=C``).
"""

import re
import shlex
from enum import StrEnum
from typing import NamedTuple

from hookkit.text import one_line, shown


class Kind(StrEnum):
    """Classes of failure; the value is the word that people see."""

    OFFLINE = "offline"
    TIMEOUT = "no answer"
    SLOW = "takes long"
    BUSY = "busy"
    SERVER = "server error"
    AUTH = "not let in"
    HOST_KEY = "host key"
    MISSING = "no such repository"
    DENIED = "no write access"
    DISK_FULL = "disk full"
    READ_ONLY = "not writable"
    REFUSED = "refused"
    LATE = "no time left"
    UNREADY = "not ready"

    @property
    def passes(self) -> bool:
        """Whether it can pass by itself within seconds, so that trying again at once makes sense."""
        return self in {Kind.OFFLINE, Kind.BUSY, Kind.SERVER}

    @property
    def unreachable(self) -> bool:
        """Whether the remote, rather than this push, is the problem."""
        return self in {Kind.OFFLINE, Kind.TIMEOUT, Kind.SERVER}


class Failure(NamedTuple):
    """Why a remote did not take a push.

    :param cause: one line, safe to show.
    :param hint: a command to type or a thing to look at.
    """

    kind: Kind
    cause: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.cause}" if self.cause else self.kind.value


# In this order: what says more about the cause comes first.
_RULES: tuple[tuple[Kind, str, str | None], ...] = (
    (
        Kind.HOST_KEY,
        r"REMOTE HOST IDENTIFICATION HAS CHANGED(?=[\s\S]* key in \S*/hookkit/ssh/known_hosts)",
        "if its owner confirms the new fingerprint: hookkit setup remote NAME URL --fingerprint SHA256:...",
    ),
    (
        Kind.HOST_KEY,
        r"No \S+ host key is known",
        "hookkit setup remote NAME URL shows its fingerprint, and pins it when you say that it is the right one",
    ),
    (
        Kind.HOST_KEY,
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed",
        "if the server was really reinstalled: ssh-keygen -R HOST, then compare the new fingerprint with its owner's",
    ),
    (
        Kind.HOST_KEY,
        r"server certificate verification failed|SSL certificate problem",
        "if the certificate is the right one, tell git who has signed it: git config http.sslCAInfo FILE",
    ),
    (Kind.DISK_FULL, r"No space left on device|Disk quota exceeded|disk full", "free some space at the remote"),
    (
        Kind.READ_ONLY,
        r"unable to create temporary (?:object directory|file)|insufficient permission for adding an object",
        "at the remote: is its disk mounted read-only, or does the repository belong to another account?",
    ),
    (
        Kind.DENIED,
        r"FATAL: .*DENIED|DENIED by|[Ww]rite access .*(?:denied|not granted)|protected branch|not allowed to push|"
        r"The requested URL returned error: 403|Repository write access denied|"
        r"[Pp]ermission to .* denied|ERROR:gitosis",
        "give this server's key write access to the repository at the remote",
    ),
    (
        Kind.AUTH,
        r"could not read (?:Username|Password)|terminal prompts disabled|Authentication failed for 'http|"
        r"The requested URL returned error: 401",
        "give git here a password that the remote takes, by a credential helper: git help credentials",
    ),
    (
        Kind.AUTH,
        r"Permission denied \(|Permission denied, please try again|Authentication failed|"
        r"Too many authentication failures|no mutual signature|"
        r"Load key .*: (?:Permission denied|error|invalid)|UNPROTECTED PRIVATE KEY FILE",
        "let this server's key in at the remote; try it: ssh -o BatchMode=yes USER@HOST",
    ),
    (
        Kind.MISSING,
        r"does not appear to be a git repository|[Rr]epository .*not (?:found|exist)|not found: did you run|"
        r"The requested URL returned error: 404|cannot chdir to .*: No such file or directory",
        "create the repository at the remote, or correct the URL: git remote -v",
    ),
    # After these git says that the other end hung up, which would look like a connection that broke.
    (Kind.REFUSED, r"the receiving end does not support|mismatched algorithms", None),
    # Nothing was reached; git may be ended by SIGPIPE, as by a connection that broke.
    (
        Kind.REFUSED,
        r"'remote-\S+' is not a git command|[Uu]nable to find remote helper|cannot (?:run|exec) .*: No such file",
        "correct the URL (git remote -v), or install what it needs",
    ),
    (
        Kind.OFFLINE,
        r"Could not resolve (?:host|hostname)|Name or service not known",
        "if that name has never worked, correct the URL: git remote -v",
    ),
    (
        Kind.OFFLINE,
        r"Connection (?:refused|timed out|reset|closed)|Operation timed out|No route to host|Network is unreachable|"
        r"Temporary failure in name resolution|Broken pipe|"
        r"[Ff]ailed to connect|Couldn't connect|kex_exchange_identification|banner exchange|not responding|"
        r"Connection to \S+ closed|[Uu]nexpected disconnect|hung up unexpectedly|early EOF",
        None,
    ),
    (Kind.SERVER, r"The requested URL returned error: (?:5\d\d|429)|HTTP (?:5\d\d|429)|RPC failed", None),
    (
        Kind.BUSY,
        # What the other end says has "remote:" before it.
        r"(?m)^(?:error|fatal): (?:[^\n]*: )?Unable to create '(?P<lock>[^'\n]*\.lock)': File exists",
        "if no git is at work in this repository, one that was killed has left that behind: rm {lock}",
    ),
    (
        Kind.BUSY,
        r"\.lock'?: File exists|cannot lock ref|failed to lock|Another git process|Resource temporarily unavailable|"
        r"index-pack abnormal exit",
        None,
    ),
)

NO_PUSH_OPTIONS = "the receiving end does not support push options"

# What git adds to every failure, and says nothing about this one.
_NOISE = (
    r"^(?:error: failed to push some refs to|fatal: Could not read from remote repository|Please make sure you have|"
    r"and the repository exists|hint: |To |Warning: Permanently added|warning: |remote: *$|@@@|"
    r"fatal: [tT]he remote end hung up|From | [-+*!=t] |send-pack: unexpected disconnect|mux_client_|ControlSocket )"
)


# What `git push --progress` says of its own work, and what the other end says of its own.
_PROGRESS = (
    r"(?m)^(?:remote: )?(?:(?:Enumerating|Counting|Compressing|Writing|Receiving|Resolving|Unpacking|Checking|Processing|"
    r"Updating)[ \w]*: +\d|Delta compression using up to |Total \d+ \(delta ).*(?:\n|\Z)"
)

# What git says is short; what a hook says ends with what to do about it.
_LONGEST, _LONGEST_OF_HOOKS = 160, 400

# git itself was ended by SIGPIPE: it says nothing more.
_BROKEN_PIPE = 128 + 13
# What a hookkit at the other end says of its own remotes is not about this connection.
_NOT_OURS = r"(?m)^remote: hookkit: .*$"


_OPTIONS = r"(?: -o (?:'[^']*'|[A-Z][^\s']*?(?=[\s:]|$)))+"


def without_progress(stderr: str) -> tuple[str, bool]:
    """``stderr`` of a command that was told to report its progress, without that; and whether there was any.

    git begins to gather what to send when the other end has said what it has: that one is there, and answers.
    """
    rest, count = re.subn(_PROGRESS, "", stderr)
    return rest, count > 0


def classify(status: int | None, stderr: str, seconds: float) -> Failure:
    """Why a network command failed.

    :param status: its exit status; None if it was ended at its deadline, after ``seconds``.
    :param stderr: what it said.
    """
    stderr = re.sub(_NOT_OURS, "", stderr)
    for kind, pattern, hint in _RULES:
        found = re.search(pattern, stderr)
        if found and not (status is None and kind is Kind.OFFLINE):
            return Failure(kind, _line_around(stderr, found.start()), _filled(hint, found))
    if status == _BROKEN_PIPE:
        return Failure(Kind.OFFLINE, "the connection ended")
    if status is None:
        return Failure(Kind.TIMEOUT, f"within {seconds:.0f}s", "is the remote frozen, or the network dropping packets?")
    if said := _first_line(stderr):
        return Failure(Kind.REFUSED, said)
    if "Could not read from remote repository" in stderr:
        return Failure(Kind.REFUSED, "the other end hung up without a word", "is that repository there? git remote -v")
    return Failure(Kind.REFUSED, f"git ended with exit status {status}")


def _filled(hint: str | None, found: re.Match[str]) -> str | None:
    for name, text in found.groupdict().items():
        hint = hint and hint.replace(f"{{{name}}}", shlex.quote(shown(text)))
    return hint


def _line_around(text: str, position: int) -> str:
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    return _tidy(text[start : end if end >= 0 else len(text)])


def _first_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not re.match(_NOISE, line)]
    return _tidy(lines[0]) if lines else ""


def _tidy(line: str, longest: int = _LONGEST) -> str:
    # ssh takes all before the @ of a URL for the user, and says so.
    line = re.sub(r"(?<![^\s'\"])([^\s:@/]+):[^\s@/]+@(?=\S)", r"\1:***@", line)
    # A shell that does not find the ssh command says all of it first, with what hookkit has added.
    line = re.sub(_OPTIONS, "", line)
    return one_line(re.sub(r"^(?:(?:remote|fatal|error|ssh): *)+", "", line.strip(" \t@")), longest)


def refusal(ref: str, reason: str, stderr: str) -> Failure:
    """Why the remote refused ``ref``: ``reason`` from git, and what its hooks said, which may name the ref."""
    lines = stderr.split("\n")
    lines.sort(key=lambda line: ref not in line)
    found = classify(1, "\n".join(lines), 0)
    if found.kind in {Kind.DISK_FULL, Kind.READ_ONLY, Kind.DENIED}:
        return found
    said = [
        _tidy(line, _LONGEST_OF_HOOKS)
        for line in lines
        if line.startswith("remote: ") and line[8:].strip() and not line.startswith("remote: error: hook declined")
    ]
    hint = {
        "deny": "the remote's configuration forbids it (receive.deny*)",
        "currently checked out": "the remote is not bare; there: git config receive.denyCurrentBranch updateInstead",
        "deletion prohibited": "the remote's configuration forbids it (receive.denyDeletes)",
    }
    what_to_do = next((text for words, text in hint.items() if words in reason), None)
    if "unpacker error" in reason and (own := [line for line in lines if re.match(_OWN_FAULT, line)]):
        return Failure(Kind.REFUSED, f"{_tidy(own[0])}: something is damaged here, git fsck shows it")
    if "shallow update not allowed" in reason:
        return Failure(Kind.REFUSED, f"{reason}: the repository here is shallow, git fetch --unshallow mends that")
    own_words = next((line for line in said if "hookkit: refused" in line), said[0] if said else "")
    cause = f"{reason}: {own_words}" if own_words else reason
    return Failure(Kind.REFUSED, one_line(cause, _LONGEST_OF_HOOKS), what_to_do)


# What git says of objects that it cannot send.
_OWN_FAULT = r"(?:error|fatal): (?!failed to push|remote unpack|RPC|the remote end|pack-objects died)"
# Names that exclude each other, or a disk that does not take the lock: waiting does not help.
_LASTING = r"cannot create|blocking reference|Permission denied|Read-only file system|No space left|refname conflict"


def about_lock(ref: str, reason: str, stderr: str) -> tuple[bool, str]:
    """Whether what keeps the remote from moving ``ref`` lasts, and what it is in its words."""
    lines = stderr.split("\n")
    said = next((line for line in lines if f"'{ref}'" in line), None)
    said = said or next((line for line in lines if "Unable to create" in line), "")
    words = _tidy(said) or reason
    return bool(re.search(_LASTING, said)), words
