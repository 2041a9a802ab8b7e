"""``hookkit config``: options with value, origin, default and help; git's own configuration files hold them."""

import click

from hookkit import terminal
from hookkit.cli import completion
from hookkit.cli.context import Context
from hookkit.cli.loading import here
from hookkit.cli.options import declared, find, mistakes, settings, text
from hookkit.cli.scope import scope_option, warn_if_hidden, write
from hookkit.errors import UsageError
from hookkit.gitconfig import Entry, split
from hookkit.text import shown

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(short_help="Show, set and check options.")
def config() -> None:
    """Show, set and check the options of hookkit and its plugins, which git's configuration files hold."""


@config.command("list", short_help="Every option: its value, where it is set, what it does.")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """Every option: its value, the file that sets it, its default and what it does."""
    place = here(context)
    known = declared(place)
    reports = [setting.report() for setting in settings(known, place.config)]
    if as_json:
        terminal.as_json(reports)
        return
    rows = [
        [
            str(report["key"]),
            "not allowed!" if report["problem"] else text(report["value"]) or "-",
            f"{report['origin']} ({report['scope']})" if report["origin"] else "-",
            text(report["default"]) or "-",
            str(report["help"]),
        ]
        for report in reports
    ]
    terminal.table("", ["option", "value", "set in", "default", "what it does"], rows)
    for problem in known.problems:
        terminal.warn(f"{problem.message}: {problem.cause}")


@config.command(short_help="The value of KEY that holds here.")
@click.argument("key", shell_complete=completion.keys)
@json_option
@click.pass_obj
def get(context: Context, key: str, as_json: bool) -> None:
    """The value of KEY that holds here, the default if nothing is set; one line per value."""
    place = here(context)
    setting = find(declared(place), place.config, key)
    if as_json:
        terminal.as_json(setting.report())
        return
    value = setting.value
    for each in value if isinstance(value, tuple) else (value,):
        terminal.say(text(each))


@config.command("set")
@click.argument("key", shell_complete=completion.keys)
@click.argument("value")
@click.option("--add", is_flag=True, help="Keep the values that KEY has, and add one.")
@scope_option
@click.pass_obj
def set_(context: Context, key: str, value: str, add: bool, scope: str) -> None:
    """Set KEY to VALUE, if both are valid."""
    place = here(context)
    setting = find(declared(place), place.config, key)
    setting.option.read_one(Entry("command", "command line", setting.key, value))
    if add and not setting.option.many:
        raise UsageError(f"{setting.key} has one value only", hint=f"hookkit config set {setting.key} {shown(value)}")
    write(context, scope, "--add" if add else "--replace-all", setting.key, value)
    if not setting.option.many:
        warn_if_hidden(place.config, setting.key, scope)


@config.command()
@click.argument("key", shell_complete=completion.keys)
@scope_option
@click.pass_obj
def unset(context: Context, key: str, scope: str) -> None:
    """Remove KEY, also one that is no option (any more)."""
    section, _, name = split(key)
    if section.lower() != "hookkit" and not (section.lower() == "remote" and name.lower().startswith("hookkit")):
        raise UsageError(f"{shown(key)} is not a key of hookkit's", hint=f"git config --unset {shown(key)}")
    if write(context, scope, "--unset-all", key, check=False).status == 0:
        return
    entries = here(context).config.every(key)
    elsewhere = f"it is set in {entries[-1].place}: --{entries[-1].scope}" if entries else "hookkit config list"
    raise UsageError(f"{shown(key)} is not set in the {scope} configuration", hint=elsewhere)


@config.command(short_help="Report every mistake: unknown keys, wrong values.")
@json_option
@click.pass_obj
def check(context: Context, as_json: bool) -> int:
    """Report every mistake: unknown keys and values that are not allowed, with the file; exit status 2 if there are any."""
    found = mistakes(here(context))
    if as_json:
        terminal.as_json([{"message": each.message, "cause": each.cause, "hint": each.hint} for each in found])
    elif not found:
        terminal.say("no mistakes")
    else:
        for each in found:
            terminal.show_error(each)
    return 2 if found else 0
