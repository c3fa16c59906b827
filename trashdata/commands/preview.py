"""``trashdata preview``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import WRITES
from trashdata.outcome import Outcome
from trashdata.preview.options import PreviewOptions

app = command_app()


@command(app, "preview", PreviewOptions, ("data", "images", *WRITES))
def preview_command(options: PreviewOptions, call: Call) -> Outcome:
    """Draw a contact sheet of photos with their masks, outlines and class names.

    Pasted objects have a white edge and a plus before their name.

    Example: trashdata preview --data demo/input/data --patch Battery --out sheet.png
    """
    from trashdata.preview.run import preview

    return preview(
        call.data,
        options,
        images=call.images,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
