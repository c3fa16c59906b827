"""``python -m trashdata``, and where the installed command begins."""

from trashdata.interrupts import end_at_once, handle_with


def main() -> None:
    """Run the command line; a Ctrl-C during its imports ends it quietly."""
    handle_with(end_at_once)
    from trashdata.cli import main as run_commands

    run_commands()


if __name__ == "__main__":
    main()
