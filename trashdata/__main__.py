"""``python -m trashdata``, and the entry point of the installed command."""

from trashdata.interrupts import exit_at_once, set_handler


def main() -> None:
    """Run the command line; Ctrl-C during its imports ends it without a traceback."""
    set_handler(exit_at_once)
    from trashdata.cli import main as run_commands

    run_commands()


if __name__ == "__main__":
    main()
