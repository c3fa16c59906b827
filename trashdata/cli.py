"""The command line: lists the commands by name, and imports a command when it is called."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from trashdata.errors import UserError, system_error
from trashdata.interrupts import (
    exit_at_once,
    interrupt_message,
    interrupted,
    note_interrupts,
    set_handler,
)
from trashdata.streams import StdoutError, close_stdout, guard_stdout

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
        "prove": "trashdata.commands.prove",
        "app": "trashdata.commands.app",
    },
    "Check and tidy up": {
        "validate": "trashdata.commands.validate",
        "verify": "trashdata.commands.verify",
        "clean": "trashdata.commands.clean",
        "config": "trashdata.commands.config",
    },
}
COMMANDS = {name: module for modules in SECTIONS.values() for name, module in modules.items()}


class LazyGroup(TyperGroup):
    """A group whose commands are imported on first use."""

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
                # One width for all sections, so that their columns are aligned.
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
    """Run a Typer app; a user's mistake becomes one sentence and exit code 2."""
    guard_stdout()
    try:
        code = command(standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:
        code = _end_of(error)
    if code == 130:
        _fail(interrupt_message(), 130)
    try:
        sys.stdout.flush()
    except OSError:
        close_stdout()
    sys.exit(code if isinstance(code, int) else 0)


def _end_of(error: Exception) -> int:
    """Report errors of the user or the system in one sentence; raise other errors again."""
    if isinstance(error, UserError):
        return _fail(str(error))
    if isinstance(error, BrokenPipeError):
        # The reader has closed the pipe, as `head` does; that is no error.
        return 1
    if isinstance(error, StdoutError):
        return _fail(str(error.sentence()))
    if isinstance(error, TyperException):
        return _wrong_usage(error)
    if interrupted():
        # The interrupted code may have turned it into another exception.
        return 130
    sentence = system_error(error)
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
    # If standard error can't be written either, only the exit code is left.
    with suppress(OSError):
        typer.echo(f"Error: {sentence}" if code == 2 else sentence, err=True)
    return code


def main() -> None:
    """Entry point of ``trashdata``, which is a process by itself."""
    note_interrupts()
    try:
        run(app)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        set_handler(exit_at_once)
