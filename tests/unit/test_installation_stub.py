import subprocess
import sys
import venv
from pathlib import Path

import pytest

from hookkit.catalogue import HOOKS
from hookkit.installation import stub
from hookkit.shortcut import site_dirs

PRE, POST = HOOKS["pre-receive"], HOOKS["post-receive"]


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("hook", HOOKS.values(), ids=lambda hook: hook.name)
def test_every_stub_is_recognised_and_is_valid_sh(hook, tmp_path):
    text = stub.text(hook, "/usr/bin/python3")
    assert stub.is_ours(text)
    assert stub.interpreter(text) == "/usr/bin/python3"
    assert b"@" not in text.replace(b'"$@"', b"")
    assert subprocess.run(["sh", "-n", write(tmp_path / "stub", text)], check=False).returncode == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + b"\n",
        lambda text: text + b"echo mine\n",
        lambda text: text.replace(b"post-receive", b"pre-receive"),
        lambda text: text.replace(b"/usr/bin/python3", b"/tmp/evil"),
        lambda text: text.replace(b"#!/bin/sh", b"#!/bin/bash"),
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text[: len(text) // 2],
        lambda text: text[:1],
    ],
)
def test_a_stub_that_somebody_changed_is_not_ours_any_more(change):
    assert not stub.is_ours(change(stub.text(POST, "/usr/bin/python3")))


@pytest.mark.parametrize("data", [b"#!/bin/sh\n", b"\xff\xfe\x00", b"(" + b"a" * 64 + b")", b"hookkit"])
def test_what_others_wrote_is_not_ours(data):
    assert not stub.is_ours(data)


@pytest.mark.parametrize("name", ["plain", "with space", "it's", 'a"b', "$HOME `id` \\x", "a;b&c|d", "éü", "-x"])
def test_the_interpreter_may_have_any_name(name, tmp_path):
    said = tmp_path / "said"
    python = write(
        tmp_path / name / "python", f'#!/bin/sh\nfor each; do printf "%s\\0" "$each"; done > {said}\n'.encode()
    )
    text = stub.text(POST, str(python))
    assert stub.interpreter(text) == str(python)
    path = write(tmp_path / "hooks" / "post-receive", text)
    subprocess.run([path, "one", "t w o", ""], check=True)
    started = said.read_text().split("\0")[:-1]
    code = started.pop(5)
    assert "from hookkit.start import main\n" in code
    assert started == [
        "-I",
        "-S",
        "-X",
        "utf8",
        "-c",
        "",  # where packages are is known of this interpreter only
        "post-receive",
        str(path),
        "one",
        "t w o",
        "",
    ]


def test_the_runner_is_started_with_what_git_gave(tmp_path):
    """The real interpreter, isolated: a module of that name in the current folder is not what runs."""
    (tmp_path / "hookkit.py").write_text("raise SystemExit('the current folder was trusted')")
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "x.git"], check=True)
    path = write(tmp_path / "x.git" / "hooks" / "pre-receive", stub.text(PRE, sys.executable))
    done = subprocess.run(
        [path], cwd=tmp_path / "x.git", env={"GIT_DIR": ".", "PYTHONPATH": str(tmp_path)}, input=b"", check=False
    )
    assert done.returncode == 0


def test_where_packages_are_need_not_be_found_out(tmp_path):
    """The stub says it. What it says need not be right: then Python looks for itself."""
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "x.git"], check=True)
    text = stub.text(POST, sys.executable).decode()
    line = next(line for line in text.splitlines() if line.startswith("packages="))
    assert line == f"packages={':'.join(site_dirs())}"
    for packages, said in ((line, ""), ("packages=/gone:", "looked\n"), ("packages=", "looked\n")):
        changed = text.replace(line, packages).replace("import site\n", 'import site; print("looked")\n')
        path = write(tmp_path / "x.git" / "hooks" / "post-receive", changed.encode())
        done = subprocess.run(
            [path], cwd=tmp_path / "x.git", env={"GIT_DIR": "."}, input="", capture_output=True, text=True, check=False
        )
        assert (done.stdout, done.stderr, done.returncode) == (said, "", 0)


def test_without_hookkit_a_stub_says_so_and_shows_no_traceback(tmp_path):
    venv.create(tmp_path / "venv", with_pip=False)
    path = write(tmp_path / "pre-receive", stub.text(PRE, str(tmp_path / "venv" / "bin" / "python")))
    done = subprocess.run([path], input="", capture_output=True, text=True, check=False)
    assert done.stderr == "hookkit: it is no longer installed in this Python: install it there, or uninstall\n"
    assert done.returncode == 1


@pytest.mark.parametrize("hook", HOOKS.values(), ids=lambda hook: hook.name)
def test_without_its_interpreter_a_stub_says_so_and_refuses_if_it_can(hook, tmp_path):
    path = write(tmp_path / hook.name, stub.text(hook, "/no/such/python"))
    done = subprocess.run([path], input="", capture_output=True, text=True, check=False)
    assert done.stderr == "hookkit: /no/such/python is gone: run `hookkit install` again\n"
    assert done.returncode == (1 if hook.refuses else 0)


@pytest.mark.parametrize("hook", [PRE, POST], ids=lambda hook: hook.name)
def test_without_its_interpreter_a_hook_that_cannot_refuse_still_runs_the_kept_one(hook, tmp_path):
    write(tmp_path / f"hookkit-kept-{hook.name}", b'#!/bin/sh\necho "kept $1: $(cat)"\nexit 3\n')
    path = write(tmp_path / hook.name, stub.text(hook, "/no/such/python"))
    done = subprocess.run([path, "arg"], input="stdin", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == ((1, "") if hook is PRE else (3, "kept arg: stdin\n"))


def test_a_command_for_gits_configuration_is_a_shell_word_for_word(tmp_path):
    python = write(tmp_path / "it's here" / "python", b'#!/bin/sh\necho "$@"\n')
    command = stub.command(POST, str(python))
    done = subprocess.run(["sh", "-c", command + ' "$@"', command, "arg"], capture_output=True, text=True, check=True)
    assert done.stdout == "-I -X utf8 -c from hookkit.start import main; main() post-receive - arg\n"
