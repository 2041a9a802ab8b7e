"""Libraries are imported without what is dear and not used, and whoever wants that gets it."""

import subprocess
import sys

import pytest

DEAR = {
    "asyncio",
    "getpass",
    "importlib.metadata",
    "inspect",
    "ipaddress",
    "linecache",
    "logging",
    "ntpath",
    "platform",
}
DEAR |= {"pty", "termios", "textwrap", "traceback", "tty", "urllib.parse"}


def said(code: str, *options: str) -> list[str]:
    start = f"import sys; from hookkit import lean; dear = lambda: sorted({DEAR!r} & {{*sys.modules}})\n"
    command = (sys.executable, "-I", *options, "-c", start + code)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_sh() -> None:
    code = (
        "sh = lean.load('sh'); print(sh.Command('echo')('one', _tty_out=False).strip(), *dear(), sh is lean.load('sh'))"
    )
    assert said(code) == ["one", "True"]


def test_pluggy() -> None:
    """What a hook call does with it, for a plugin that is a module."""
    code = (
        "lean.load('pathlib'); from hookkit import manager; from hookkit.distributions import Found\n"
        "plugins = manager.Plugins(['hookkit_post_receive'])\n"
        "plugins.load([Found('mirror', 'hookkit', '1', 'hookkit_plugins.mirror.plugin')])\n"
        "print(len(plugins.calls('hookkit_post_receive')), len(plugins.problems), *dear())"
    )
    assert said(code) == ["1", "0"]


def test_others_get_the_real_thing() -> None:
    code = (
        "sh = lean.load('sh'); stand_in = sh.Command.__init__.__globals__['asyncio']\n"
        "print(stand_in.Event.__module__)\n"
        "import asyncio; from importlib import metadata; import inspect, platform\n"
        "print(asyncio.Queue.__name__, metadata.version('sh')[0], inspect.signature(print).__class__.__name__)\n"
        "print(platform.python_implementation())"
    )
    assert said(code) == ["asyncio.locks", "Queue", "2", "Signature", "CPython"]


def test_what_is_there_already_is_left_as_it_is() -> None:
    code = "import asyncio; lean.load('sh'); print(sys.modules['asyncio'] is asyncio)"
    assert said(code) == ["True"]


def test_as_in_hooks() -> None:
    code = (
        "lean.load('pathlib'); lean.load('subprocess'); sh = lean.load('sh')\n"
        "import locale as stdlib, pathlib, subprocess\n"
        "print(*dear(), sh.DEFAULT_ENCODING, stdlib.getpreferredencoding().lower())\n"
        "print(subprocess.run('echo é', shell=True, text=True, stdout=-1).stdout, subprocess.locale.getencoding().lower())\n"
        "print(pathlib.Path('/a b').as_uri(), pathlib.PureWindowsPath('C:/x').is_absolute())\n"
    )
    assert said(code, "-X", "utf8") == ["utf-8", "utf-8", "é", "utf-8", "file:///a%20b", "True"]


def test_what_sh_logs_is_heard_by_those_who_listen() -> None:
    code = (
        "sh = lean.load('sh'); sh.Command('true')()\n"
        "import logging; logging.basicConfig(stream=sys.stdout, level='INFO', format='%(name)s')\n"
        "sh.Command('true')()"
    )
    assert set(said(code)) == {"sh.command"}


@pytest.mark.parametrize("name", ["isclass", "ismodule", "ismethod", "isfunction", "isroutine", "unwrap"])
def test_stand_ins_say_the_same(name: str) -> None:
    """Also what a plugin may be made of: classes, objects, methods, wrapped functions."""
    code = (
        "import functools, inspect, os\n"
        "class Plain:\n    def method(self): ...\n    @staticmethod\n    def static(): ...\n    slot = 1\n"
        "@functools.wraps(Plain.method)\ndef wrapped(): ...\n"
        "things = [Plain, Plain(), Plain.method, Plain().method, Plain.static, wrapped, os, len, str.join, [].append, 1]\n"
        f"real, ours = inspect.{name}, lean._INSPECT['{name}']\n"
        "print([real(each) for each in things[:10]] == [ours(each) for each in things[:10]])"
    )
    assert said(code) == ["True"]


def test_static_attributes_say_the_same() -> None:
    code = (
        "import inspect, os\n"
        "class Meta(type):\n    @property\n    def seen(cls): return 1\n"
        "class Base:\n    one = 1\n    two = property(lambda self: 2)\n"
        "class Plain(Base):\n    one = staticmethod(len)\n"
        "class Odd(metaclass=Meta):\n    __slots__ = ('three',)\n"
        "names = ['one', 'two', 'three', 'seen', 'path', 'missing', '__init__', '__doc__', '__class__']\n"
        "pairs = [(thing, name) for thing in (Plain, Base, Odd, Plain(), Odd(), os) for name in names]\n"
        "real, ours = inspect.getattr_static, lean._INSPECT['getattr_static']\n"
        "print([pair for pair in pairs if real(*pair, None) is not ours(*pair, None)])"
    )
    assert said(code) == ["[]"]
