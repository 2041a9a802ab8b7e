"""What several commands have in common."""

import click

JOBS = 8
"""How many remotes or repositories are talked to at the same time; sshd takes ten over one connection by default."""

timeout = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(1),
    default=600,
    show_default=True,
    help="How long one remote may take.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
