"""``trashdata prove``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.outcome import Outcome
from trashdata.prove.options import ProveOptions

app = command_app()


@command(app, "prove", ProveOptions, ("data", "images", "workers", "dry_run"))
def prove_command(options: ProveOptions, call: Call) -> Outcome:
    """Show whether copy-paste, sampling or something else raises the score on your own photos.

    Trains each of several arms with several seeds, and gives each difference with its interval.

    Example: trashdata prove --data demo/input/data --val val.json --arm sampling --seeds 2
    --steps 2 --size 64 --encoder-weights none
    """
    from trashdata.prove.run import prove

    return prove(
        call.data,
        options,
        images=call.images,
        workers=call.workers,
        dry_run=call.dry_run,
        reporter=call.reporter,
    )
