"""``trashdata clean``: delete what a finished run wrote, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trashdata.console import Reporter
from trashdata.errors import UserError, printable
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
    from trashdata.runs.records import Manifest

app = command_app()


@app.command("clean")
def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.")],
    images: ImagesOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, delete nothing.")
    ] = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Delete exactly the files that the manifest of a finished run lists, and the manifest.

    A file that was changed since stops it before anything is deleted.

    Example: trashdata clean demo/input/data --dry-run
    """
    outcome = clean(
        folder,
        images=images,
        dry_run=dry_run,
        reporter=reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary),
    )
    finish(outcome, json_summary=json_summary)


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
    folder : the run's own folder, with its manifest.
    images : the image root that the run wrote photos under; by default the data folder.

    Raises
    ------
    UserError : there is no finished run in the folder, or one of its files was changed since.
    """
    from trashdata.runs.hashes import file_sha256
    from trashdata.runs.links import refuse_outside
    from trashdata.runs.manifest import (
        JOURNAL,
        MANIFEST,
        delete_files,
        finished_run,
        roots_of,
    )

    reporter = reporter or Reporter()
    folder = Path(folder)
    manifest = finished_run(folder)
    roots = roots_of(folder, manifest, None if images is None else Path(images))
    refuse_outside(roots, ((entry.root, entry.path) for entry in manifest.files))
    there = _unchanged(manifest, roots, reporter)
    digest = file_sha256(folder / MANIFEST)
    if dry_run:
        reporter.note(f"Would delete {there} files that {folder / MANIFEST} lists.")
    else:
        # Left by a run that was killed when all was written; without the files it would mislead.
        shutil.rmtree(folder / JOURNAL, ignore_errors=True)
        delete_files(roots, manifest.files)
        (folder / MANIFEST).unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
        reporter.note(f"Deleted {there} files that {folder / MANIFEST} listed.")
    return Outcome(
        command="clean",
        inputs={MANIFEST: digest},
        outputs=[],
        counts={"listed": len(manifest.files), "deleted": 0 if dry_run else there},
        warnings=reporter.warnings,
    )


def _unchanged(manifest: Manifest, roots: dict[str, Path], reporter: Reporter) -> int:
    """How many of the files are there; one that was changed is refused."""
    from trashdata.runs.manifest import is_changed

    there = 0
    with reporter.progress("Files", len(manifest.files)) as tick:
        for entry in manifest.files:
            path = roots[entry.root] / entry.path
            if path.is_file():
                there += 1
                if is_changed(path, entry):
                    raise UserError(
                        printable(str(path)),
                        expected="the file as the run wrote it",
                        found="one that was changed since",
                        advice="move it away, then start again",
                    )
            tick()
    return there
