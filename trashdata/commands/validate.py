"""``trashdata validate``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import CLUSTER, WRITES
from trashdata.outcome import Outcome
from trashdata.validate.options import ValidateOptions

app = command_app()


@command(app, "validate", ValidateOptions, ("data", "images", *CLUSTER, *WRITES))
def validate_command(options: ValidateOptions, call: Call) -> Outcome:
    """Name every fault of a COCO file and its photos; the exit code is 1 if there are errors.

    Warnings and notes are listed as well: what may change results, and what is common in COCO
    files.

    Example: trashdata validate --data demo/input/data --json train.json
    """
    from trashdata.validate.run import validate

    return validate(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        scheduler=call.scheduler,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
