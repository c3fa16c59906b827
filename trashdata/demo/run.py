"""The demo as one function; each of its steps is a separate run."""

from __future__ import annotations

import time

from trashdata.console import Reporter
from trashdata.demo.execute import execute_steps
from trashdata.demo.options import DemoOptions
from trashdata.demo.report import show
from trashdata.demo.steps import REPORT, demo_steps
from trashdata.outcome import Outcome


def demo(
    options: DemoOptions | None = None,
    *,
    dry_run: bool = False,
    quiet: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Draw a sample set, look at it, split it, paste rare objects, train without and with them,
    pseudo-label, and make a report.

    Parameters
    ----------
    dry_run : list the steps, carry out none.
    quiet : let the steps print only warnings and errors.

    Returns
    -------
    ``figures``: IoU by class name ``before`` and ``after``, ``seconds``, and the ``report``.

    Raises
    ------
    UserError : a step failed.
    """
    reporter = reporter or Reporter()
    options = options or DemoOptions()
    folder = options.out
    steps = demo_steps(images=options.images, epochs=options.epochs)
    if dry_run:
        reporter.note(f"Would run in {folder}:")
        for step in steps:
            reporter.note(f"  trashdata {step.line.format(before='before', after='after')}")
        return Outcome("demo", {}, [], {"steps": len(steps)}, reporter.warnings)
    folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    kept = execute_steps(steps, folder, reporter, quiet=quiet)
    before, after = kept["scores before"], kept["scores after"]
    seconds = round(time.monotonic() - start)
    show(before, after, seconds, folder / REPORT, reporter)
    return Outcome(
        command="demo",
        inputs={},
        outputs=[str(folder / REPORT)],
        counts={"steps": len(steps), "images": options.images},
        warnings=reporter.warnings,
        figures={
            "before": before["iou"],
            "after": after["iou"],
            "seconds": seconds,
            "report": str(folder / REPORT),
        },
    )
