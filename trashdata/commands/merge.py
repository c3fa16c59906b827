"""``trashdata merge``."""

from __future__ import annotations

from trashdata.merge.options import MergeOptions
from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import WRITES
from trashdata.outcome import Outcome

app = command_app()


@command(app, "merge", MergeOptions, ("data", "images", *WRITES))
def merge_command(options: MergeOptions, call: Call) -> Outcome:
    """Merge COCO files: new ids where they clash, classes by name, photos counted once.

    Of files that use the same id, the first one keeps it. Photos are not read. Without --images,
    the names in a file outside of the data folder are relative to the folder that it is in.

    Example: trashdata merge train.json val.json --data demo/input/data --out both.json
    """
    from trashdata.merge.run import merge

    return merge(
        call.data,
        options,
        images=call.images,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
