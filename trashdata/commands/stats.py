"""``trashdata stats``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import WRITES
from trashdata.outcome import Outcome
from trashdata.statistics.options import StatsOptions

app = command_app()


@command(app, "stats", StatsOptions, ("data", "images", *WRITES))
def stats_command(options: StatsOptions, call: Call) -> Outcome:
    """Count objects, photos, areas, sizes and co-occurring classes of a COCO file.

    Photos are not read. Areas are the `area` fields, or the mask's where that is missing.

    Example: trashdata stats --data demo/input/data --json train.json --out stats.png
    """
    from trashdata.statistics.run import stats

    return stats(
        call.data,
        options,
        images=call.images,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
