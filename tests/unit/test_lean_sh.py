"""The library sh is imported without asyncio, and whoever wants asyncio gets it."""

import subprocess
import sys


def said(code: str) -> list[str]:
    done = subprocess.run((sys.executable, "-I", "-c", code), capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_what_is_dear_is_not_imported_and_what_is_used_works() -> None:
    code = (
        "import sys; from hookkit import lean_sh; sh = lean_sh.load()\n"
        "print(sh.Command('echo')('one').strip(), *sorted({'asyncio', 'importlib.metadata'} & {*sys.modules}))\n"
        "print(sh is lean_sh.load())"
    )
    assert said(code) == ["one", "True"]


def test_others_get_the_real_thing() -> None:
    code = (
        "import sys; from hookkit import lean_sh; sh = lean_sh.load()\n"
        "stand_in = sh.Command.__init__.__globals__['asyncio']\n"
        "print(stand_in.Event.__module__)\n"
        "import asyncio; from importlib import metadata\n"
        "print(asyncio.Queue.__name__, metadata.version('sh')[0])"
    )
    assert said(code) == ["asyncio.locks", "Queue", "2"]


def test_what_is_there_already_is_left_as_it_is() -> None:
    code = "import asyncio, sys; from hookkit import lean_sh; lean_sh.load(); print(sys.modules['asyncio'] is asyncio)"
    assert said(code) == ["True"]
