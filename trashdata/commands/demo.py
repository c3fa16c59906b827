"""``trashdata demo``: the whole road on the sample set."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from trashdata.console import Reporter
from trashdata.options import (
    ConfigOption,
    DryRunOption,
    JsonSummaryOption,
    QuietOption,
    VerboseOption,
    command_app,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome

app = command_app()


@app.command("demo")
def command(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder that all of it is made in.")
    ] = Path("demo"),
    images: Annotated[int, typer.Option("--images", min=60, help="Photos to draw.")] = 600,
    epochs: Annotated[
        int, typer.Option("--epochs", min=1, help="Epochs of each of the two trainings.")
    ] = 16,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Walk the whole road on the sample set, and compare the rare class before and after.

    Takes some minutes on two cores. Example: trashdata demo --dry-run
    """
    outcome = demo(
        out,
        images=images,
        epochs=epochs,
        dry_run=dry_run,
        quiet=quiet,
        reporter=reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary),
    )
    finish(outcome, json_summary=json_summary)


def demo(
    out: Path | str = Path("demo"),
    *,
    images: int = 600,
    epochs: int = 16,
    dry_run: bool = False,
    quiet: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Draw a sample set, look at it, split it, paste rare objects, train without and with them,
    pseudo-label, and make a report.

    Parameters
    ----------
    out : folder that the demo works in; data in ``input/data``, runs in ``runs``.
    images : photos of the sample set.
    epochs : of each training.

    Returns
    -------
    ``figures``: IoU by class name ``before`` and ``after``, ``seconds``, and the ``report``.

    Raises
    ------
    UserError : a step failed.
    """
    from trashdata.demo.road import REPORT, road
    from trashdata.demo.walk import walk

    reporter = reporter or Reporter()
    folder = Path(out)
    steps = road(images=images, epochs=epochs)
    if dry_run:
        reporter.note(f"Would run in {folder}:")
        for step in steps:
            reporter.note(f"  trashdata {step.line.format(before='before', after='after')}")
        return Outcome("demo", {}, [], {"steps": len(steps)}, reporter.warnings)
    folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    kept = walk(steps, folder, reporter, quiet=quiet)
    before, after = kept["scores before"], kept["scores after"]
    seconds = round(time.monotonic() - start)
    _show(before, after, seconds, folder / REPORT, reporter)
    return Outcome(
        command="demo",
        inputs={},
        outputs=[str(folder / REPORT)],
        counts={"steps": len(steps), "images": images},
        warnings=reporter.warnings,
        figures={
            "before": before["iou"],
            "after": after["iou"],
            "seconds": seconds,
            "report": str(folder / REPORT),
        },
    )


def _show(
    before: dict[str, Any], after: dict[str, Any], seconds: int, report: Path, reporter: Reporter
) -> None:
    from trashdata.demo.road import RARE

    def percent(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.1f}"

    # The rare class, which this is about, comes first.
    names = sorted(before["iou"], key=lambda name: name != RARE)
    rows = [(name, percent(before["iou"][name]), percent(after["iou"][name])) for name in names]
    rows.append(("mean", percent(before["miou"]), percent(after["miou"])))
    title = "IoU % without, with Copy-Paste"
    reporter.table(title, ("class", "before", "after"), rows)
    reporter.note(f"{seconds // 60} min {seconds % 60} s. Look at {report}")
