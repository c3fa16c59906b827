"""``trashdata from-masks``."""

from __future__ import annotations

from trashdata.from_masks.options import FromMasksOptions
from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import READS, WRITES
from trashdata.outcome import Outcome

app = command_app()


@command(app, "from-masks", FromMasksOptions, (*READS, "workers", *WRITES))
def from_masks_command(options: FromMasksOptions, call: Call) -> Outcome:
    """Turn label PNGs into a COCO file: an annotation per connected region, without loss.

    Example: trashdata from-masks demo/input/data/masks --data demo/input/data --out traced.json
    """
    from trashdata.from_masks.run import from_masks

    return from_masks(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
