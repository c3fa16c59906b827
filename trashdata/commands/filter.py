"""``trashdata filter``: classes renamed, united or dropped, small objects left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trashdata.coco.keys import DONOR_JSON
from trashdata.completion import complete_class, complete_class_pair
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.options import (
    ConfigOption,
    DataOption,
    DryRunOption,
    JsonOption,
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
from trashdata.paths import DEFAULT_DATA, Places, refuse_existing, refuse_input_as_output

if TYPE_CHECKING:
    from trashdata.filter.class_map import ClassRules
    from trashdata.filter.document import Filtered

app = command_app()

MADE_BY = "trashdata filter"
Rest = Literal["error", "keep", "drop"]


@app.command("filter")
def command(
    out: Annotated[str, typer.Option("--out", metavar="NAME", help="File in the data folder.")],
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = "train_all.json",
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="CLASS",
            help="Only this class; repeatable.",
            autocompletion=complete_class,
            show_default="all classes",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(
            "--drop",
            metavar="CLASS",
            help="All but this class; repeatable.",
            show_default=False,
            autocompletion=complete_class,
        ),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--rename",
            metavar="OLD=NEW",
            help="Another name; classes of one name become one. Goes before the map; repeatable.",
            autocompletion=complete_class_pair,
            show_default=False,
        ),
    ] = None,
    class_map: Annotated[
        str | None,
        typer.Option(
            "--map",
            metavar="MAP.csv|taco-to-recycling",
            help="CSV with the header from,to; an empty 'to' drops the class.",
            show_default=False,
        ),
    ] = None,
    rest: Annotated[
        Rest, typer.Option("--rest", help="Classes that the map does not name.")
    ] = "error",
    min_area: Annotated[
        float, typer.Option("--min-area", min=0, help="Smaller objects go, in pixels.")
    ] = 0.0,
    drop_empty: Annotated[
        bool, typer.Option("--drop-empty", help="Photos without objects go as well.")
    ] = False,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Rename, unite or drop the classes of a COCO file; leave out small objects.

    All options name classes as they are in --json. Photos are not read; make masks anew
    afterwards.

    Example: trashdata filter --data demo/input/data --json train.json --drop Battery --out few
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = filter_classes(
        data,
        json=json,
        out=out,
        keep=keep or (),
        drop=drop or (),
        rename=split_pairs("--rename", rename or (), at_last=True),
        class_map=class_map,
        rest=rest,
        min_area=min_area,
        drop_empty=drop_empty,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def filter_classes(
    data: Path | str = DEFAULT_DATA,
    *,
    json: str = "train_all.json",
    out: str,
    keep: Sequence[str] = (),
    drop: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    class_map: str | None = None,
    rest: Rest = "error",
    min_area: float = 0.0,
    drop_empty: bool = False,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write ``<out>.json`` in the data folder: a COCO file with other classes or fewer objects.

    Parameters
    ----------
    keep, drop, rename, class_map : names of classes as they are in the file; ``class_map`` is a
        CSV file or the name of a map that comes with the project. ``rename`` goes before the map.
    rest : what happens to classes that the map does not name.
    min_area : in pixels; the ``area`` field, or the mask's where that says nothing.
    drop_empty : leave out images that hold no object afterwards.

    Raises
    ------
    UserError : a fault in the file, an unknown class, nothing to do, or an output that exists.
        Nothing is written.
    """
    from trashdata.coco.read import read_document
    from trashdata.filter.class_map import ClassRules, class_targets, read_class_map
    from trashdata.filter.document import filter_document

    reporter = reporter or Reporter()
    places = Places.of(data)
    target = places.data / f"{places.output_name(out)}.json"
    path = places.input_json(json)
    mapping = None if class_map is None else read_class_map(class_map)
    rules = ClassRules(keep, drop, rename or {}, mapping, class_map or "", rest)
    _check(rules, min_area, drop_empty=drop_empty)
    refuse_input_as_output(target, [path])
    refuse_existing(target, overwrite=overwrite)
    document = read_document(path, masks=False)
    for warning in document.warnings:
        reporter.warn(warning)
    targets = class_targets(document, rules)
    filtered = filter_document(document, targets, min_area=min_area, drop_empty=drop_empty)
    _refuse_donor_file(filtered, target)
    if not dry_run:
        _write(filtered, target)
    _show(filtered, target, reporter, dry_run=dry_run)
    return _outcome(filtered, [] if dry_run else [str(target)], reporter)


def _check(rules: ClassRules, min_area: float, *, drop_empty: bool) -> None:
    if not 0 <= min_area < float("inf"):
        raise UserError(
            "--min-area", expected="0 or more", found=str(min_area), advice="give pixels"
        )
    if not (rules or min_area > 0 or drop_empty):
        raise UserError(
            "trashdata filter",
            expected="something to do",
            found="none of --keep, --drop, --rename, --map, --min-area and --drop-empty",
            advice="see 'trashdata filter --help'",
        )
    for old, new in rules.rename.items():
        if not new:
            raise UserError(
                f"--rename {printable(old)}=",
                expected="a new name",
                found="nothing",
                advice="give one, or leave the class out with --drop",
            )


def _refuse_donor_file(filtered: Filtered, target: Path) -> None:
    """A donor that names the result would be looked for in it, where it is not."""
    document = filtered.document
    named = (a.trashdata.get(DONOR_JSON) for a in document.annotations if a.trashdata)
    if target.name in set(named) - {document.name}:
        raise UserError(
            f"--out {target.name}",
            expected="another name than that of a file which pasted objects came from",
            found="one that 'donor_json' gives in the file",
            advice="choose another name",
        )


def _write(filtered: Filtered, target: Path) -> None:
    from trashdata.coco.write import write_document
    from trashdata.runs.files import open_atomically

    with open_atomically(target) as stream:
        write_document(stream, filtered.top(MADE_BY), filtered.lists(target.name))


def _show(filtered: Filtered, target: Path, reporter: Reporter, *, dry_run: bool) -> None:
    photos, annotations = int(filtered.images.sum()), int(filtered.kept.sum())
    where = f"{'planned for' if dry_run else 'in'} {target}"
    title = f"{photos:,} photos and {annotations:,} annotations {where}"
    fates = filtered.fates()
    if any(new not in (name, None) for name, new, _, _ in fates):
        rows = [(name, new or "-", before, left) for name, new, before, left in fates]
        reporter.table("What becomes of the classes", ("class", "becomes", "objects", "left"), rows)
        kept = set(filtered.targets.values())
        new_rows = [(name, after) for name, _, after in filtered.class_counts() if name in kept]
        reporter.table(title, ("class", "objects"), new_rows)
    else:
        reporter.table(title, ("class", "before", "after"), filtered.class_counts())
    lost = len(filtered.images) - photos
    if lost:
        reporter.note(f"{lost:,} photos without objects are left out.")


def _outcome(filtered: Filtered, outputs: list[str], reporter: Reporter) -> Outcome:
    document = filtered.document
    return Outcome(
        command="filter",
        inputs={document.name: document.sha256},
        outputs=outputs,
        counts={
            "photos": int(filtered.images.sum()),
            "photos_left_out": int((~filtered.images).sum()),
            "annotations": int(filtered.kept.sum()),
            "annotations_left_out": int((~filtered.kept).sum()),
            "classes": len(set(filtered.new_ids.values())),
        },
        warnings=reporter.warnings,
        figures={
            "classes": [
                {"class": name, "before": before, "after": after}
                for name, before, after in filtered.class_counts()
            ],
            "map": [
                {"from": name, "to": new, "before": before, "after": left}
                for name, new, before, left in filtered.fates()
            ],
        },
    )
