"""``trashdata kfold``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import WRITES
from trashdata.outcome import Outcome

from .options import KfoldOptions

app = command_app()


@command(app, "kfold", KfoldOptions, ("data", "images", "workers", *WRITES))
def kfold_command(options: KfoldOptions, call: Call) -> Outcome:
    """Split a COCO file into folds that are balanced in photos, objects and area.

    Example: trashdata kfold --data demo/input/data --folds 5
    """
    from .checking.check import check_overlaps
    from .run import write_kfold

    run = write_kfold if options.check is None else check_overlaps
    return run(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
