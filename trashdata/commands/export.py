"""``trashdata export``."""

from __future__ import annotations

from trashdata.export.options import ExportOptions
from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import READS, WRITES
from trashdata.outcome import Outcome

app = command_app()


@command(app, "export", ExportOptions, (*READS, "workers", *WRITES))
def export_command(options: ExportOptions, call: Call) -> Outcome:
    """Write the set as Ultralytics, mmsegmentation or detectron2 read it.

    Example: trashdata export --to yolo --data demo/input/data --out yolo
    """
    from trashdata.export.run import export

    return export(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
