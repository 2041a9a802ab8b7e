"""The files that keep mirrors in sync for ever."""

import shlex
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

from hookkit.cli import main
from hookkit_plugins.mirror.timer import unit


def parsed(text: str) -> RawConfigParser:
    """A systemd unit, as an INI file, which it nearly is."""
    parser = RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_the_units() -> None:
    service = parsed(unit("hookkit-sync.service", Path("/srv/git")))
    assert service["Service"]["ExecStart"] == f"{sys.executable} -I -m hookkit mirror sync --all /srv/git"
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["KillMode"] == "process", "workers that it has started would end with it"
    timer = parsed(unit("hookkit-sync.timer", Path("/srv/git")))
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert {"OnBootSec", "OnUnitInactiveSec"} <= set(timer["Timer"])


def test_a_folder_that_takes_no_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mirror", "timer", str(tmp_path), "--write", "/proc"]) == 2
    assert capsys.readouterr().err.startswith("error: cannot write /proc/hookkit-sync.service\ncaused by: ")


def test_odd_folders_in_a_unit() -> None:
    service = parsed(unit("hookkit-sync.service", Path('/srv/my "git" 100% $HOME')))
    assert service["Service"]["ExecStart"].endswith(r'--all "/srv/my \"git\" 100%% $$HOME"')
    assert "100%% " in service["Unit"]["Description"]


@pytest.mark.parametrize("name", ["git", "my git", "it's $HOME", "100%"])
def test_a_shell_reads_the_cron_line_as_it_is_meant(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    lines = [line for line in unit("hookkit-sync.cron", folder).splitlines() if not line.startswith("#")]
    assert [line.split()[0] for line in lines] == ["*/10", "@reboot"]
    # cron turns \% into %; crontab(5).
    command = lines[1].removeprefix("@reboot ").removesuffix(" >/dev/null").replace(r"\%", "%")
    shown = subprocess.run(("sh", "-c", f"printf '%s\\n' {command}"), capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines() == [*shlex.split(f"{sys.executable} -I -m hookkit mirror sync --all"), str(folder)]
