"""``trashdata report``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import WRITES
from trashdata.outcome import Outcome
from trashdata.report.options import ReportOptions

app = command_app()


@command(app, "report", ReportOptions, ("data", "images", "workers", *WRITES))
def report_command(options: ReportOptions, call: Call) -> Outcome:
    """Show a COCO file as one HTML file: charts, folds, a gallery with masks, a training run.

    The file needs no network. Folds are shown where kfold_report.json is beside the COCO file.

    Example: trashdata report --data demo/input/data --json train.json --out report.html
    """
    from trashdata.report.run import report

    return report(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
