"""Deleting the files of a finished run: ``trashdata clean``."""

from __future__ import annotations

import shutil
from pathlib import Path

from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.outcome import Outcome
from trashdata.runs.hashes import file_sha256
from trashdata.runs.links import refuse_outside
from trashdata.runs.manifest import (
    JOURNAL,
    MANIFEST,
    delete_files,
    finished_run,
    is_changed,
    roots_of,
)
from trashdata.runs.records import Manifest


def clean(
    folder: Path | str,
    *,
    images: Path | str | None = None,
    dry_run: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Delete the files of a finished run, then its manifest, then the folders left empty.

    Parameters
    ----------
    folder : the run folder, with its manifest.
    images : the image root that the run wrote photos under; by default the data folder.
    dry_run : make every check, delete nothing.

    Raises
    ------
    UserError : there is no finished run in the folder, or one of its files was changed since.
    """
    reporter = reporter or Reporter()
    folder = Path(folder)
    manifest = finished_run(folder)
    roots = roots_of(folder, manifest, None if images is None else Path(images))
    refuse_outside(roots, ((entry.root, entry.path) for entry in manifest.files))
    found = _unchanged(manifest, roots, reporter)
    digest = file_sha256(folder / MANIFEST)
    if dry_run:
        reporter.note(f"Would delete {found} files that {folder / MANIFEST} lists.")
    else:
        # Left by a run that was killed at its very end; without the files it would be misleading.
        shutil.rmtree(folder / JOURNAL, ignore_errors=True)
        delete_files(roots, manifest.files)
        (folder / MANIFEST).unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
        reporter.note(f"Deleted {found} files that {folder / MANIFEST} listed.")
    return Outcome(
        command="clean",
        inputs={MANIFEST: digest},
        outputs=[],
        counts={"listed": len(manifest.files), "deleted": 0 if dry_run else found},
        warnings=reporter.warnings,
    )


def _unchanged(manifest: Manifest, roots: dict[str, Path], reporter: Reporter) -> int:
    """Count the files that exist; refuse if one was changed."""
    found = 0
    with reporter.progress("Files", len(manifest.files)) as tick:
        for entry in manifest.files:
            path = roots[entry.root] / entry.path
            if path.is_file():
                found += 1
                if is_changed(path, entry):
                    raise UserError(
                        printable(str(path)),
                        expected="the file as the run wrote it",
                        found="one that was changed since",
                        advice="move it away, then start again",
                    )
            tick()
    return found
