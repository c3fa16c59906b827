"""``trashdata filter``."""

from __future__ import annotations

from trashdata.filter.options import FilterOptions
from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import WRITES
from trashdata.outcome import Outcome

app = command_app()


@command(app, "filter", FilterOptions, ("data", *WRITES))
def filter_command(options: FilterOptions, call: Call) -> Outcome:
    """Rename, merge or drop the classes of a COCO file; omit small objects.

    All options name classes as they are in --json. Photos are not read; make the masks
    again afterwards.

    Example: trashdata filter --data demo/input/data --json train.json --drop Battery --out few
    """
    from trashdata.filter.run import filter_classes

    return filter_classes(
        call.data,
        options,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
