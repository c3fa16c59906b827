"""Verifying the files of a finished run: ``trashdata verify``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from trashdata.console import Reporter
from trashdata.errors import printable
from trashdata.outcome import Outcome
from trashdata.runs.hashes import file_sha256
from trashdata.runs.manifest import MANIFEST, Difference, differences, finished_run, roots_of
from trashdata.runs.records import Manifest

# Number of differences shown, unless the reporter is verbose.
_SHOWN = 20


def verify(
    folder: Path | str,
    *,
    images: Path | str | None = None,
    reporter: Reporter | None = None,
) -> Outcome:
    """Compare every file of a finished run with the hash in its ``manifest.json``.

    Parameters
    ----------
    folder : the run folder, with its manifest.
    images : the image root that the run wrote photos under; by default the data folder.

    Returns
    -------
    ``counts`` of files that are missing, changed, or extra in the run folder; ``findings``: their
    number; ``figures["differences"]``: all of them.

    Raises
    ------
    UserError : there is no finished run in the folder.
    """
    reporter = reporter or Reporter()
    folder = Path(folder)
    manifest = finished_run(folder)
    roots = roots_of(folder, manifest, None if images is None else Path(images))
    with reporter.progress("Files", len(manifest.files)) as tick:
        found = differences(folder, manifest, roots, tick)
    _show(folder, manifest, found, reporter)
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
        findings=len(found),
    )


def _show(
    folder: Path,
    manifest: Manifest,
    found: Sequence[Difference],
    reporter: Reporter,
) -> None:
    command = printable(str(manifest.identity.get("command")))
    if found:
        shown = found if reporter.verbose else found[:_SHOWN]
        rows: list[tuple[str, str]] = [(one.state, one.path) for one in shown]
        rest = len(found) - len(rows)
        rows += [("…", f"{rest} more; see --verbose")] if rest else []
        title = f"{folder}: {len(found)} differences from what 'trashdata {command}' wrote"
        reporter.table(title, ("state", "file"), rows)
    else:
        count = len(manifest.files)
        reporter.note(f"{folder}: all {count} files are as 'trashdata {command}' wrote them.")
