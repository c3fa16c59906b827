"""``trashdata masks``."""

from __future__ import annotations

from trashdata.masks.options import MasksOptions
from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import CLUSTER, WRITES
from trashdata.outcome import Outcome

app = command_app()


@command(app, "masks", MasksOptions, ("data", *CLUSTER, *WRITES))
def masks_command(options: MasksOptions, call: Call) -> Outcome:
    """Write a palette label PNG for every image of a COCO file. Photos are not read.

    Example: trashdata masks --data demo/input/data --json train.json
    """
    from trashdata.masks.run import masks

    return masks(
        call.data,
        options,
        workers=call.workers,
        scheduler=call.scheduler,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
