"""``trashdata merge``: several COCO files as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trashdata.console import Reporter
from trashdata.errors import UserError, nearest, printable
from trashdata.options import (
    ConfigOption,
    DataOption,
    DryRunOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    VerboseOption,
    command_app,
    finish,
    reporter_for,
    split_pairs,
)
from trashdata.outcome import Outcome
from trashdata.paths import (
    DEFAULT_DATA,
    Places,
    file_labels,
    refuse_existing,
    refuse_input_as_output,
)

if TYPE_CHECKING:
    from trashdata.coco.document import Document
    from trashdata.merge.documents import Merged

app = command_app()

MADE_BY = "trashdata merge"
DuplicateRule = Literal["error", "first", "union"]
_COLUMNS = 4


@app.command("merge")
def command(
    files: Annotated[list[str], typer.Argument(metavar="A.json B.json ...", help="COCO files.")],
    out: Annotated[str, typer.Option("--out", metavar="C.json", help="File in the data folder.")],
    data: DataOption = DEFAULT_DATA,
    images: Annotated[
        Path | None,
        typer.Option(
            "--images",
            metavar="DIR",
            help="Root that every file_name of the files and of the result is relative to.",
            show_default="the data folder; of files elsewhere, the folder they lie in",
        ),
    ] = None,
    images_of: Annotated[
        list[str] | None,
        typer.Option(
            "--images-of",
            metavar="A.json=DIR",
            help="Root of the file_name of one of the files; repeatable.",
            show_default=False,
        ),
    ] = None,
    on_duplicate: Annotated[
        DuplicateRule,
        typer.Option(
            "--on-duplicate",
            help="A photo of which two files say different things: refuse it, take the first"
            " file's annotations, or those of all.",
        ),
    ] = "error",
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Merge COCO files: new ids where they clash, classes by name, photos counted once.

    Of files that use the same id, the first one keeps it. Photos are not read.

    Example: trashdata merge train.json val.json --data demo/input/data --out both.json
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    roots = split_pairs("--images-of", images_of or ())
    outcome = merge(
        files,
        data,
        out=out,
        images=images,
        images_of=roots,
        on_duplicate=on_duplicate,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def merge(
    files: Sequence[Path | str],
    data: Path | str = DEFAULT_DATA,
    *,
    out: str,
    images: Path | str | None = None,
    images_of: Mapping[str, Path | str] | None = None,
    on_duplicate: DuplicateRule = "error",
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write ``<out>.json`` in the data folder, which holds what the files hold.

    Parameters
    ----------
    files : names in the data folder, or paths. Their order decides who keeps an id that several
        have, and whose info and category fields stay; with ``on_duplicate``, whose images too.
    images : the root of every ``file_name``, of the files and of the result. Without it the
        result's is the data folder, and that of a file elsewhere is the folder it lies in.
    images_of : other roots, by the file as it stands in ``files``.

    Raises
    ------
    UserError : a fault in a file, a photo outside of the result's root, two files that say
        different things of a photo, or an output that exists. Nothing is written.

    See Also
    --------
    trashdata.merge.documents.merge_documents : the rules.
    """
    from trashdata.coco.read import read_document
    from trashdata.merge.documents import merge_documents
    from trashdata.merge.relocate import relocated_names

    reporter = reporter or Reporter()
    places = Places.of(data, images)
    target = places.data / f"{places.output_name(out)}.json"
    paths = [places.input_json(file) for file in files]
    named_roots = _named_roots([str(file) for file in files], images_of or {})
    refuse_input_as_output(target, paths)
    refuse_existing(target, overwrite=overwrite)
    read: dict[Path, Document] = {}
    for path in paths:
        if path not in read:
            read[path] = read_document(path, masks=False)
    documents = [read[path] for path in paths]
    roots = [
        named_roots.get(str(file), places.images if images else _root_of(document, places))
        for file, document in zip(files, documents, strict=True)
    ]
    unique = list(read)
    label_of = dict(zip(unique, file_labels(unique), strict=True))
    labels = [label_of[path] for path in paths]
    merged = merge_documents(
        documents,
        labels=labels,
        file_names=[
            relocated_names(document.images, label, root, places.images)
            for document, label, root in zip(documents, labels, roots, strict=True)
        ],
        on_duplicate=on_duplicate,
    )
    _refuse_donor_file(merged, target)
    _publish(merged, target, reporter, dry_run=dry_run)
    return _outcome(merged, labels, [] if dry_run else [str(target)], reporter)


def _named_roots(names: Sequence[str], images_of: Mapping[str, Path | str]) -> dict[str, Path]:
    """The image roots that --images-of gives, by the file as it was named."""
    for name, root in images_of.items():
        where = f"--images-of {printable(name)}={printable(str(root))}"
        if name not in names:
            advice = nearest(name, [printable(other) for other in names])
            raise UserError(where, expected="one of the files", found="another", advice=advice)
        if not Path(root).is_dir():
            found = "a file" if Path(root).exists() else "nothing"
            raise UserError(where, expected="a folder", found=found, advice="check the path")
    return {name: Path(root) for name, root in images_of.items()}


def _root_of(document: Document, places: Places) -> Path:
    """The data folder, or the file's own folder if it lies elsewhere or has its photos there."""
    own = document.path.parent
    if own == places.data or not document.path.is_relative_to(places.data):
        return own
    names = [image.file_name for image in document.images]
    there, beside = (sum((root / n).is_file() for n in names) for root in (places.data, own))
    return own if beside > there else places.data


def _refuse_donor_file(merged: Merged, target: Path) -> None:
    """A donor that names the result would be looked for in it, where it is not."""
    if target.name in merged.foreign_donor_files():
        raise UserError(
            f"--out {target.name}",
            expected="another name than that of a file which pasted objects came from",
            found="one that 'donor_json' gives in the files",
            advice="choose another name",
        )


def _publish(merged: Merged, target: Path, reporter: Reporter, *, dry_run: bool) -> None:
    from trashdata.coco.write import write_document
    from trashdata.runs.files import open_atomically

    top, warnings = merged.top(MADE_BY)
    for document in {id(part.document): part.document for part in merged.parts}.values():
        for warning in document.warnings:
            reporter.warn(warning)
    for warning in [*merged.warnings, *warnings]:
        reporter.warn(warning)
    if not dry_run:
        with open_atomically(target) as stream:
            write_document(stream, top, merged.lists())
    title = f"{merged.image_count:,} photos and {merged.annotation_count:,} annotations"
    labels = [part.label for part in merged.parts]
    few = len(labels) <= _COLUMNS
    rows = [
        (name, *(before if few else [sum(before)]), after)
        for name, before, after in merged.class_counts()
    ]
    header = ("class", *(labels if few else [f"{len(labels)} files"]), "merged")
    reporter.table(f"{title} {'planned for' if dry_run else 'in'} {target}", header, rows)
    twins = len(merged.twins.holders)
    if twins:
        reporter.note(f"{twins:,} photos stand in several files and count once.")


def _outcome(
    merged: Merged, labels: Sequence[str], outputs: list[str], reporter: Reporter
) -> Outcome:
    documents = [part.document for part in merged.parts]
    return Outcome(
        command="merge",
        inputs={label: d.sha256 for label, d in zip(labels, documents, strict=True)},
        outputs=outputs,
        counts={
            "files": len(documents),
            "photos": merged.image_count,
            "photos_in_several_files": len(merged.twins.holders),
            "annotations": merged.annotation_count,
            "classes": len(merged.categories.records) - len(merged.categories.ignore_ids),
        },
        warnings=reporter.warnings,
        figures={
            "classes": [
                {"class": name, "before": before, "after": after}
                for name, before, after in merged.class_counts()
            ]
        },
    )
