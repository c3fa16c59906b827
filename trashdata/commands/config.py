"""``trashdata config``: which defaults hold, and where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from trashdata.errors import UserError, nearest, printable
from trashdata.options.command import command_app
from trashdata.options.config import file_in_force
from trashdata.options.defaults import as_toml, settings_of
from trashdata.options.docstrings import field_docs
from trashdata.options.shared import Shared
from trashdata.outcome import Outcome

app = command_app()

_HELP = field_docs(Shared)


# Not made from a dataclass: it asks the other commands, and has nothing to be quiet about.
@app.command("config")
def config_command(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="COMMAND", help="All options of this command."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            help=_HELP["config"],
            show_default="trashdata.toml, if there is one",
        ),
    ] = None,
    json_summary: Annotated[
        bool, typer.Option("--json-summary", help=_HELP["json_summary"])
    ] = False,
) -> None:
    """Print which defaults hold and where they come from, as TOML to begin a file with.

    Without COMMAND only what the file says is printed.

    Example: trashdata config copy-paste
    """
    file = file_in_force(config)
    commands = _commands(context)
    if name is not None and name not in commands:
        raise UserError(
            printable(name),
            expected="a command of trashdata",
            found="none of that name",
            advice=nearest(name, commands),
        )
    asked = commands if name is None else {name: commands[name]}
    held = {own: settings_of(own, known, file, context) for own, known in asked.items()}
    if json_summary:
        values = {own: {key: value for key, (value, _) in s.items()} for own, s in held.items()}
        counts = {"commands": len(held)}
        typer.echo(Outcome("config", {}, [], counts, figures={"defaults": values}).as_json())
    else:
        typer.echo(as_toml(held, file, whole=name is not None))


def _commands(context: typer.Context) -> dict[str, Any]:
    group: Any = context.find_root().command
    names = group.list_commands(context) if hasattr(group, "list_commands") else []
    return {own: group.get_command(context, own) for own in names if own != "config"}
