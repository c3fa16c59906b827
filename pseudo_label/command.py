"""``trashdata pseudo``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import CLUSTER, READS, WRITES
from trashdata.outcome import Outcome

from .options import PseudoOptions

app = command_app()


@command(app, "pseudo", PseudoOptions, (*READS, *CLUSTER, *WRITES))
def pseudo_command(options: PseudoOptions, call: Call) -> Outcome:
    """Label photos with what trained models are sure of, as a COCO file to train on.

    Example: trashdata pseudo --data demo/input/data --json test.json --portion 0.5
    """
    from .run import pseudo

    return pseudo(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        scheduler=call.scheduler,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
