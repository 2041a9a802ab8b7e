"""A plugin and a hookkit that do not fit together: everybody who looks is told which one is too old, and what to do."""

import inspect
import json
import os
import re
from enum import EnumType
from functools import cached_property
from pathlib import Path
from types import FunctionType

import pytest
from support.hook_calls import A, B

import hookkit as package
from hookkit import api, hookspecs
from hookkit.catalogue import HOOKS
from hookkit.compatibility import api_problem, belongs, import_problem
from hookkit.dispatch import Dispatch
from hookkit.manager import SPECS
from hookkit.repository import Repository

PUSH = f"{A} {B} refs/heads/main\n".encode()
PROMISED = Path(__file__).with_name("api.json")
LOOKS = "@hookimpl\ndef hookkit_pre_receive(repo): print('it looked')\n"
MISFITS = {
    "a newer API": (
        f"HOOKKIT_API = (1, 99)\n{LOOKS}",
        "it needs version 1.99 of hookkit's API, hookkit 0.1.0 has 1.0: install a newer hookkit",
    ),
    "an API that is no more": (
        f"HOOKKIT_API = (0, 3)\n{LOOKS}",
        "it was made for version 0.3 of hookkit's API, hookkit 0.1.0 has 1.0: install a newer version of it",
    ),
    "nonsense": (
        f"HOOKKIT_API = '1.0'\n{LOOKS}",
        "its HOOKKIT_API must be two whole numbers, such as (1, 0), not '1.0'",
    ),
    "a newer hook": (
        f"{LOOKS}@hookimpl\ndef hookkit_before_everything(repo): pass\n",
        "there is no hook hookkit_before_everything in hookkit 0.1.0: install a newer one,"
        " or another version of the plugin",
    ),
    "a newer name": (
        f"from hookkit.api import Wonder\n{LOOKS}",
        "cannot import name 'Wonder' from 'hookkit.api': hookkit 0.1.0 does not have it, install a newer one,"
        " or another version of the plugin",
    ),
}


every = pytest.mark.parametrize(("source", "reason"), MISFITS.values(), ids=MISFITS)


@pytest.fixture(autouse=True)
def versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the messages above name, whichever are current."""
    monkeypatch.setattr(package, "__version__", "0.1.0")
    monkeypatch.setattr(package, "API_VERSION", (1, 0))


@every
def test_a_hook_says_it_and_refuses(repo: Repository, plugin, source: str, reason: str) -> None:
    plugin("check", source)
    for _ in range(2):  # also when it has been seen before
        said: list[str] = []
        assert Dispatch(repo, HOOKS["pre-receive"], (), said.append).run(PUSH) == 1
        (line,) = said
        assert line.startswith("hookkit: refused, since plugin check (acme-check) cannot be ")
        assert line.endswith(f": {reason}")


@every
def test_it_is_not_switched_on(hookkit, site, source: str, reason: str) -> None:
    site.plugin("check", source)
    said = hookkit("plugins", "enable", "check")
    assert said.status == 1
    assert said.errors[0] == "error: plugin 'check' of acme-check is not fit to run; nothing was changed"
    assert said.errors[1].endswith(reason)


@every
def test_commands_that_look_say_it(hookkit, plugin, source: str, reason: str) -> None:
    plugin("check", source)
    listed = hookkit("plugins", "list")
    assert any(line.startswith("warning: check of acme-check: ") and line.endswith(reason) for line in listed.errors)
    status = hookkit("status")
    assert status.status == 0
    assert any(line.startswith("warning: plugin check of acme-check: ") and reason in line for line in status.errors)
    hookkit("install")
    (finding,) = (each for each in json.loads(hookkit("doctor", "--json").out) if each["name"] == "plugin check")
    assert finding["verdict"] == "problem"
    assert reason in finding["cause"]
    assert finding["hint"] == "hookkit plugins disable check"
    for said in (listed, status):
        assert "Traceback" not in said.err


def test_an_optional_hook_may_be_unknown(repo: Repository, hookkit, plugin) -> None:
    plugin("check", f"{LOOKS}@hookimpl(optionalhook=True)\ndef hookkit_before_everything(repo): pass\n")
    said: list[str] = []
    assert Dispatch(repo, HOOKS["pre-receive"], (), said.append).run(PUSH) == 0
    assert said == ["it looked"]
    assert hookkit("plugins", "list").err == ""


def test_a_hook_that_another_plugin_may_have_is_no_reason_to_refuse(repo: Repository, plugin) -> None:
    plugin("check", f"{LOOKS}@hookimpl\ndef hookkit_mirror_stale(repo): pass\n")
    said: list[str] = []
    assert Dispatch(repo, HOOKS["pre-receive"], (), said.append).run(PUSH) == 0


def test_a_plugin_that_is_a_class_may_say_it_itself(repo: Repository, plugin, site, configure) -> None:
    source = "class Plugin:\n    HOOKKIT_API = (7, 0)\n    @hookimpl\n    def hookkit_pre_receive(self, repo): pass\n"
    site.module("acme_class", source)
    site.distribution("acme", "check = acme_class:Plugin")
    configure("hookkit.check.enabled", "true")
    said: list[str] = []
    assert Dispatch(repo, HOOKS["pre-receive"], (), said.append).run(PUSH) == 1
    assert "it needs version 7.0 of hookkit's API" in said[0]


@pytest.mark.parametrize("needed", [None, (1, 0)])
def test_what_fits(needed: object) -> None:
    assert api_problem(needed) is None


def test_what_an_older_minor_version_promised_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "API_VERSION", (2, 5))
    assert api_problem((2, 0)) is None
    assert api_problem((2, 6)) is not None
    assert api_problem((3, 0)) is not None
    assert api_problem((1, 9)) is not None


def test_other_imports_that_fail_are_another_matter() -> None:
    assert import_problem(ImportError("no", name="acme")) is None
    assert import_problem(ImportError("no")) is None
    ours = ModuleNotFoundError("No module named 'hookkit.no_such'", name="hookkit.no_such")
    assert (import_problem(ours) or "").startswith("No module named 'hookkit.no_such': hookkit 0.1.0 does not have it")


def test_names_of_hooks_that_plugins_have() -> None:
    assert belongs("hookkit_no_wip_found", ["no-wip"])
    assert not belongs("hookkit_no_wipe", ["no-wip"])


# ---- what plugins may use ----


PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text()
_LISTED = re.compile(r"^\.\. auto\w+:: hookkit\.(?:api\.)?(\w+)\n((?:   :.*\n)*)", re.MULTILINE)


def surface() -> dict[str, str]:
    """What is public, and what its users depend on: names, members and arguments; members are those of the reference."""
    found = {spec: arguments(getattr(hookspecs, spec)) for spec in SPECS}
    found |= {name: arguments(getattr(api, name)) for name in api.__all__}
    for name, how in _LISTED.findall(PAGE):
        if members := re.search(r":(?:special-)?members:(.*)", how):
            owner = getattr(api, name)
            listed = [each.strip() for each in members[1].split(",") if each.strip()]
            everything = (each for each in vars(owner) if not each.startswith("_"))
            found |= {f"{name}.{each}": arguments(getattr(owner, each)) for each in listed or everything}
    return dict(sorted(found.items()))


def arguments(public: object) -> str:
    """Those of what can be called; of words to choose from: all of them."""
    if isinstance(public, EnumType):
        return " | ".join(public.__members__)
    if not callable(public):
        return ""
    signature = inspect.signature(public)
    nothing = inspect.Parameter.empty
    plain = [
        each.replace(annotation=nothing, default=nothing if each.default is nothing else ...)
        for each in signature.parameters.values()
    ]
    return str(inspect.Signature(plain)).replace("Ellipsis", "...")


def test_what_was_promised_is_kept() -> None:
    """Whatever changes is noticed. ``HOOKKIT_WRITE_DOCS=1`` writes it down: what is new; not what is gone."""
    now = surface()
    promised = json.loads(PROMISED.read_text()) if PROMISED.exists() else {"version": [0, 0], "public": {}}
    broken = {name: said for name, said in promised["public"].items() if now.get(name) != said}
    assert not broken or api.API_VERSION[0] > promised["version"][0], "this needs a new first number in API_VERSION"
    if os.environ.get("HOOKKIT_WRITE_DOCS") == "1":
        PROMISED.write_text(json.dumps({"version": api.API_VERSION, "public": now}, indent=1) + "\n")
    else:
        assert promised == {"version": [*api.API_VERSION], "public": now}, (
            "something is new: if this API_VERSION has been released, raise its second number;"
            " then HOOKKIT_WRITE_DOCS=1 .venv/bin/pytest tests/unit/test_compatibility.py"
        )


def test_members_of_what_is_public_are_in_the_reference() -> None:
    """What a class has for everybody, it has on that page too; what is hookkit's own business stands here."""
    ours = {"GitConfig.read", "GitConfig.of_account", "Repository.discover", "Repository.of_hook", "Repository.reload"}
    ours |= {"Option.config_key", "Option.read", "Option.read_one"}
    classes = {name: each for name in api.__all__ if inspect.isclass(each := getattr(api, name))}
    members = {
        f"{name}.{member}"
        for name, each in classes.items()
        for member, value in vars(each).items()
        if not member.startswith("_") and isinstance(value, (FunctionType, property, classmethod, cached_property))
    }
    assert members - {*surface()} == ours


def test_everything_public_is_there_and_typed() -> None:
    assert len(api.__all__) == len({*api.__all__})
    assert [name for name in api.__all__ if not hasattr(api, name)] == []
    assert (Path(package.__file__).parent / "py.typed").exists()
