"""``trashdata sample``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.options.shared import WRITES
from trashdata.outcome import Outcome
from trashdata.sample.options import SampleOptions

app = command_app()


@command(app, "sample", SampleOptions, ("data", "workers", *WRITES))
def sample_command(options: SampleOptions, call: Call) -> Outcome:
    """Draw a sample set with ten kinds of trash into --data, to try the other commands on.

    Example: trashdata sample --data demo/input/data
    """
    from trashdata.sample.run import sample

    return sample(
        call.data,
        options,
        workers=call.workers,
        dry_run=call.dry_run,
        overwrite=call.overwrite,
        reporter=call.reporter,
    )
