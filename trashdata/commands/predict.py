"""``trashdata predict``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import READS, WRITES
from trashdata.outcome import Outcome
from trashdata.predict.options import PredictOptions

app = command_app()


@command(app, "predict", PredictOptions, (*READS, *WRITES))
def predict_command(options: PredictOptions, call: Call) -> Outcome:
    """Label the photos of a COCO file with one or more trained models.

    Example: trashdata predict --data demo/input/data --json test.json --tta flip
    """
    from trashdata.predict.run import predict

    return predict(
        call.data,
        options,
        images=call.images,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
