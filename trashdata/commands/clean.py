"""``trashdata clean``."""

from __future__ import annotations

from trashdata.clean.options import CleanOptions
from trashdata.options.command import Call, command, command_app
from trashdata.outcome import Outcome

app = command_app()


@command(app, "clean", CleanOptions, ("images", "dry_run"))
def clean_command(options: CleanOptions, call: Call) -> Outcome:
    """Delete exactly the files that the manifest of a finished run lists, and the manifest.

    A file that was changed since stops it before anything is deleted. With
    --dry-run nothing is.

    Example: trashdata clean demo/input/data --dry-run
    """
    from trashdata.clean.run import clean

    return clean(options.folder, images=call.images, dry_run=call.dry_run, reporter=call.reporter)
