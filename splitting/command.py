"""``trashdata kfold``."""

from __future__ import annotations

from typing import Annotated

import typer

from trashdata.completion import complete_json
from trashdata.options import (
    ConfigOption,
    DataOption,
    DryRunOption,
    ImagesOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    SeedOption,
    VerboseOption,
    WorkersOption,
    command_app,
    cores,
    finish,
    reporter_for,
)
from trashdata.paths import DEFAULT_DATA

app = command_app()


@app.command("kfold")
def command(
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: Annotated[
        str, typer.Option("--json", help="COCO file to split.", autocompletion=complete_json)
    ] = "train_all.json",
    folds: Annotated[int, typer.Option("--folds", min=2, help="Number of folds.")] = 5,
    out: Annotated[
        str, typer.Option("--out", help="What the new files' names begin with.")
    ] = "kfold",
    group_by: Annotated[
        str,
        typer.Option(
            "--group-by",
            metavar="auto|none|KEY|folder|duplicates",
            help="Photos that stay together; auto: near-duplicates, if the photos are there.",
        ),
    ] = "auto",
    labels: Annotated[
        str, typer.Option("--labels", help="Shares of a class that are balanced.")
    ] = "presence,count,area",
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="NUMBERS",
            help="How much each of --labels counts; 1,100,1 is for objects.",
            show_default="2,1,1",
        ),
    ] = None,
    refine: Annotated[
        bool,
        typer.Option("--refine/--no-refine", help="Improve on iterative stratification."),
    ] = True,
    holdout: Annotated[
        float,
        typer.Option("--holdout", metavar="FRACTION", help="Set a test part aside first."),
    ] = 0.0,
    check: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--check",
            metavar="A.json B.json",
            help="Split nothing; report what two files share, with exit code 1 if anything.",
            show_default=False,
        ),
    ] = None,
    seed: SeedOption = 42,
    workers: WorkersOption = None,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Split a COCO file into folds that are balanced in photos, objects and area.

    Example: trashdata kfold --data demo/input/data --folds 5
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    processes = workers or cores()
    if check is not None:
        from .checking.check import check as check_files

        found = check_files(*check, data, images=images, workers=processes, reporter=reporter)
        finish(found, json_summary=json_summary)
        raise typer.Exit(1 if found.counts["overlaps"] else 0)
    from .options import KfoldOptions, parse_weights, split_list
    from .run import write_kfold

    options = KfoldOptions(
        json=json,
        out=out,
        folds=folds,
        group_by=group_by,
        labels=split_list(labels),
        weights=parse_weights(weights),
        refine=refine,
        holdout=holdout,
        seed=seed,
    )
    outcome = write_kfold(
        data,
        options,
        images=images,
        workers=processes,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)
