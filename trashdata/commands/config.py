"""``trashdata config``: the defaults in effect, and their source."""

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


# Not made from a dataclass: it inspects the other commands, and needs no console options.
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
    held = {command: settings_of(command, known, file, context) for command, known in asked.items()}
    if json_summary:
        values = {
            command: {key: value for key, (value, _) in s.items()} for command, s in held.items()
        }
        counts = {"commands": len(held)}
        typer.echo(Outcome("config", {}, [], counts, figures={"defaults": values}).as_json())
    else:
        typer.echo(as_toml(held, file, whole=name is not None))


def _commands(context: typer.Context) -> dict[str, Any]:
    group: Any = context.find_root().command
    names = group.list_commands(context) if hasattr(group, "list_commands") else []
    return {name: group.get_command(context, name) for name in names if name != "config"}
