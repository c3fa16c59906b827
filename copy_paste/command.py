"""``trashdata copy-paste`` and ``trashdata oversample``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import CLUSTER, READS, WRITES
from trashdata.outcome import Outcome

from .options import CopyPasteOptions, OversampleOptions

app = command_app()
oversample_app = command_app()


@command(app, "copy-paste", CopyPasteOptions, (*READS, *CLUSTER, *WRITES))
def copy_paste_command(options: CopyPasteOptions, call: Call) -> Outcome:
    """Make new photos by pasting objects of rare classes, with masks and a COCO file.

    Example: trashdata copy-paste --data demo/input/data --patch Battery --num 60
    """
    from .run import copy_paste

    return copy_paste(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        scheduler=call.scheduler,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )


@command(oversample_app, "oversample", OversampleOptions, (*READS, *CLUSTER, *WRITES))
def oversample_command(options: OversampleOptions, call: Call) -> Outcome:
    """Paste single objects where they stood onto plain photos, or repeat photos of rare classes.

    Example: trashdata oversample --data demo/input/data --patch Metal --num 60
    """
    from .run import oversample

    options.refuse_unused(call.stated)
    return oversample(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        scheduler=call.scheduler,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
