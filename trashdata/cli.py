"""The command line: knows the commands by name, and imports one when it is called."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from trashdata.errors import UserError, told_by_the_system
from trashdata.interrupts import (
    end_at_once,
    farewell,
    handle_with,
    interrupted,
    note_interrupts,
)
from trashdata.streams import StdoutError, give_up_stdout, guard_stdout

# Section of the help -> command -> module with the Typer app that holds it, in the order of work;
# behind a colon the app's name, where it is not `app`.
# These modules import nothing heavy.
SECTIONS = {
    "Look at the data": {
        "demo": "trashdata.commands.demo",
        "sample": "trashdata.commands.sample",
        "stats": "trashdata.commands.stats",
        "preview": "trashdata.commands.preview",
        "report": "trashdata.commands.report",
    },
    "Split, join, convert": {
        "kfold": "trashdata.splitting.command",
        "merge": "trashdata.commands.merge",
        "filter": "trashdata.commands.filter",
        "export": "trashdata.commands.export",
    },
    "Add photos of rare classes": {
        "copy-paste": "trashdata.copy_paste.command",
        "oversample": "trashdata.copy_paste.command:oversample_app",
    },
    "Label": {
        "masks": "trashdata.commands.masks",
        "from-masks": "trashdata.commands.from_masks",
        "pseudo": "trashdata.pseudo_label.command",
    },
    "Train": {
        "train": "trashdata.train.command",
        "predict": "trashdata.commands.predict",
        "evaluate": "trashdata.commands.evaluate",
        "app": "trashdata.commands.app",
    },
    "Check and tidy up": {
        "validate": "trashdata.commands.validate",
        "verify": "trashdata.commands.verify",
        "clean": "trashdata.commands.clean",
        "config": "trashdata.commands.config",
    },
}
COMMANDS = {name: module for own in SECTIONS.values() for name, module in own.items()}


class LazyGroup(TyperGroup):
    """A group whose commands are imported when somebody asks for them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = typer.main.get_command(getattr(import_module(module), name or "app"))
        return command.commands[cmd_name] if isinstance(command, TyperGroup) else command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        longest = max(map(len, COMMANDS))
        for title, names in SECTIONS.items():
            with formatter.section(title):
                # One width for all sections, so that their columns stand below each other.
                rows = [
                    (name.ljust(longest), self.get_command(ctx, name).get_short_help_str(120))
                    for name in names
                ]
                formatter.write_dl(rows, col_max=longest)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # The suggestion for a mistyped command looks among the commands that are loaded.
        if args and args[0] not in COMMANDS:
            self.commands = {name: self.get_command(ctx, name) for name in COMMANDS}
        return super().resolve_command(ctx, args)


def _print_version(wanted: bool) -> None:
    if wanted:
        from trashdata.versions import version_text

        typer.echo(version_text())
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def trashdata(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the versions."
        ),
    ] = False,
) -> None:
    """Turn a small, badly balanced COCO segmentation set into a better training set."""


def run(command: typer.Typer) -> None:
    """Run a Typer app; the user's mistakes become one sentence and exit code 2."""
    guard_stdout()
    try:
        code = command(standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:
        code = _end_of(error)
    if code == 130:
        _fail(farewell(), 130)
    try:
        sys.stdout.flush()
    except OSError:
        give_up_stdout()
    sys.exit(code if isinstance(code, int) else 0)


def _end_of(error: Exception) -> int:
    """Tell the user's mistakes and the system's in one sentence; ours are raised again."""
    if isinstance(error, UserError):
        return _fail(str(error))
    if isinstance(error, BrokenPipeError):
        # A reader that has gone, such as `head`, has seen enough.
        return 1
    if isinstance(error, StdoutError):
        return _fail(str(error.sentence()))
    if isinstance(error, TyperException):
        return _wrong_usage(error)
    if interrupted():
        # What an interrupt struck may have made something else of it.
        return 130
    sentence = told_by_the_system(error)
    if sentence is None:
        raise error
    return _fail(str(sentence))


def _wrong_usage(error: TyperException) -> int:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        typer.echo(context.get_help())
        return 0
    hint = f" See '{context.command_path} --help'." if context is not None else ""
    sentence = " ".join(message.split()).rstrip(".")
    return _fail(f"{sentence}.{hint}")


def _fail(sentence: str, code: int = 2) -> int:
    # Where standard error is full as well, the exit code has to do.
    with suppress(OSError):
        typer.echo(f"Error: {sentence}" if code == 2 else sentence, err=True)
    return code


def main() -> None:
    """Entry point of ``trashdata``, for a process of its own."""
    note_interrupts()
    try:
        run(app)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        handle_with(end_at_once)
