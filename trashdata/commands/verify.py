"""``trashdata verify``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.outcome import Outcome
from trashdata.verify.options import VerifyOptions

app = command_app()


@command(app, "verify", VerifyOptions, ("images",))
def verify_command(options: VerifyOptions, call: Call) -> Outcome:
    """Check a finished run against its manifest; the exit code is 1 if anything differs.

    Example: trashdata verify demo/input/data
    """
    from trashdata.verify.run import verify

    return verify(options.folder, images=call.images, reporter=call.reporter)
