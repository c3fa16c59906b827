"""``trashdata demo``."""

from __future__ import annotations

from trashdata.demo.options import DemoOptions
from trashdata.options.command import Call, command, command_app
from trashdata.outcome import Outcome

app = command_app()


@command(app, "demo", DemoOptions, ("dry_run",))
def demo_command(options: DemoOptions, call: Call) -> Outcome:
    """Run the whole pipeline on the sample set, and compare the rare class before and after.

    Takes some minutes on two cores. Example: trashdata demo --dry-run
    """
    from trashdata.demo.run import demo

    return demo(options, dry_run=call.dry_run, quiet=call.reporter.quiet, reporter=call.reporter)
