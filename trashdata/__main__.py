"""``python -m trashdata``, and where the installed command begins."""

from trashdata.interrupts import exit_at_once, set_handler


def main() -> None:
    """Run the command line; a Ctrl-C during its imports ends it quietly."""
    set_handler(exit_at_once)
    from trashdata.cli import main as run_commands

    run_commands()


if __name__ == "__main__":
    main()
