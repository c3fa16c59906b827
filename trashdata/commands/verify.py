"""``trashdata verify``: whether a finished run is still as it was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trashdata.console import Reporter
from trashdata.errors import printable
from trashdata.options import (
    ConfigOption,
    ImagesOption,
    JsonSummaryOption,
    QuietOption,
    VerboseOption,
    command_app,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome

if TYPE_CHECKING:
    from trashdata.runs.manifest import Difference
    from trashdata.runs.records import Manifest

app = command_app()

_SHOWN = 20


@app.command("verify")
def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.")],
    images: ImagesOption = None,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Check a finished run against its manifest; the exit code is 1 if anything differs.

    Example: trashdata verify demo/input/data
    """
    outcome = verify(
        folder,
        images=images,
        shown=None if verbose else _SHOWN,
        reporter=reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary),
    )
    finish(outcome, json_summary=json_summary)
    counts = outcome.counts
    raise typer.Exit(1 if counts["missing"] + counts["changed"] + counts["extra"] else 0)


def verify(
    folder: Path | str,
    *,
    images: Path | str | None = None,
    shown: int | None = _SHOWN,
    reporter: Reporter | None = None,
) -> Outcome:
    """Compare every file of a finished run with the hash in its ``manifest.json``.

    Parameters
    ----------
    folder : the run's own folder, with its manifest.
    images : the image root that the run wrote photos under; by default the data folder.
    shown : differences to show, None for all; the outcome holds all of them.

    Returns
    -------
    ``counts`` of files that are missing, changed, or extra in the run's own folder.

    Raises
    ------
    UserError : there is no finished run in the folder.
    """
    from trashdata.runs.hashes import file_sha256
    from trashdata.runs.manifest import MANIFEST, differences, finished_run, roots_of

    reporter = reporter or Reporter()
    folder = Path(folder)
    manifest = finished_run(folder)
    roots = roots_of(folder, manifest, None if images is None else Path(images))
    with reporter.progress("Files", len(manifest.files)) as tick:
        found = differences(folder, manifest, roots, tick)
    _show(folder, manifest, found, shown, reporter)
    states = Counter(difference.state for difference in found)
    return Outcome(
        command="verify",
        inputs={MANIFEST: file_sha256(folder / MANIFEST)},
        outputs=[],
        counts={
            "files": len(manifest.files),
            "missing": states["missing"],
            "changed": states["changed"],
            "extra": states["extra"],
        },
        warnings=reporter.warnings,
        figures={"differences": [{"state": d.state, "path": d.path} for d in found]},
    )


def _show(
    folder: Path,
    manifest: Manifest,
    found: Sequence[Difference],
    shown: int | None,
    reporter: Reporter,
) -> None:
    command = printable(str(manifest.identity.get("command")))
    if found:
        rows: list[tuple[str, str]] = [
            (difference.state, difference.path) for difference in found[:shown]
        ]
        rest = len(found) - len(rows)
        rows += [("…", f"{rest} more; see --verbose")] if rest else []
        title = f"{folder}: {len(found)} differences from what 'trashdata {command}' wrote"
        reporter.table(title, ("state", "file"), rows)
    else:
        count = len(manifest.files)
        reporter.note(f"{folder}: all {count} files are as 'trashdata {command}' wrote them.")
