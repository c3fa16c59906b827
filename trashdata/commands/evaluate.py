"""``trashdata evaluate``."""

from __future__ import annotations

from trashdata.evaluate.options import EvaluateOptions
from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import READS, WRITES
from trashdata.outcome import Outcome

app = command_app()


@command(app, "evaluate", EvaluateOptions, (*READS, *WRITES))
def evaluate_command(options: EvaluateOptions, call: Call) -> Outcome:
    """Score models or predictions on a labelled COCO file: IoU of each class, and their mean.

    The mean is over the classes with a true or predicted pixel, background included.

    Example: trashdata evaluate --data demo/input/data --json val.json --out confusion.png
    """
    from trashdata.evaluate.run import evaluate

    return evaluate(
        call.data,
        options,
        images=call.images,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
