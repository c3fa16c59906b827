"""``trashdata pseudo``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from trashdata.completion import complete_json
from trashdata.inference.choices import (
    CrfOption,
    DeviceOption,
    ModelsOption,
    TtaOption,
    WeightsOption,
)
from trashdata.options import (
    ConfigOption,
    DataOption,
    DryRunOption,
    ExecutorOption,
    ExifOption,
    ImagesOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    SchedulerOption,
    SeedOption,
    SegmentationOption,
    VerboseOption,
    WorkersOption,
    command_app,
    cores,
    finish,
    reporter_for,
    scheduler_for,
)
from trashdata.paths import DEFAULT_DATA

app = command_app()


@app.command("pseudo")
def command(
    context: typer.Context,
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: Annotated[
        str, typer.Option("--json", help="COCO file with the photos.", autocompletion=complete_json)
    ] = "test.json",
    model: ModelsOption = None,
    out: Annotated[
        str, typer.Option("--out", help="Name of the new folder and JSON in the data folder.")
    ] = "pseudo",
    tta: TtaOption = "flip",
    weights: WeightsOption = "miou",
    portion: Annotated[
        float | None,
        typer.Option(
            "--portion",
            min=0,
            max=1,
            help="Keep the surest share of each class.",
            show_default="0.5",
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            min=0,
            max=1,
            help="Keep pixels of at least this confidence instead, whatever their class.",
        ),
    ] = None,
    agree: Annotated[
        bool, typer.Option("--agree", help="Pixels on which models or views disagree are unsure.")
    ] = False,
    min_area: Annotated[
        int, typer.Option("--min-area", min=0, help="Smaller regions are unsure, in pixels.")
    ] = 100,
    min_image_score: Annotated[
        float | None,
        typer.Option(
            "--min-image-score",
            min=0,
            max=1,
            help="Only photos on which the mean IoU of models and ensemble is at least this.",
        ),
    ] = None,
    keep_images: Annotated[
        float | None,
        typer.Option(
            "--keep-images",
            metavar="FRACTION",
            min=0,
            max=1,
            help="Only this share of the photos, those with the highest such score.",
        ),
    ] = None,
    unsure: Annotated[
        Literal["ignore", "background"],
        typer.Option("--unsure", help="What becomes of unsure pixels."),
    ] = "ignore",
    segmentation: SegmentationOption = "polygon",
    merge_with: Annotated[
        str | None,
        typer.Option(
            "--merge-with", metavar="FILE.json", help="Also write both together, to train on."
        ),
    ] = None,
    masks: Annotated[bool, typer.Option("--masks", help="Also write label PNGs.")] = False,
    from_csv: Annotated[
        str | None,
        typer.Option(
            "--from-csv", metavar="FILE.csv", help="Take labels from a competition's CSV instead."
        ),
    ] = None,
    size_in: Annotated[
        int, typer.Option("--size-in", min=1, help="Side of the label maps in --from-csv.")
    ] = 256,
    from_masks: Annotated[
        str | None,
        typer.Option("--from-masks", metavar="DIR", help="Take labels from label PNGs instead."),
    ] = None,
    crf: CrfOption = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report", help="On a --json with labels: say how good what is kept would be."
        ),
    ] = False,
    exif: ExifOption = "auto",
    device: DeviceOption = "auto",
    seed: SeedOption = 42,
    workers: WorkersOption = None,
    executor: ExecutorOption = "local",
    scheduler: SchedulerOption = None,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Label photos with what trained models are sure of, as a COCO file to train on.

    Example: trashdata pseudo --data demo/input/data --json test.json --portion 0.5
    """
    from dataclasses import fields

    from .options import PseudoOptions
    from .run import pseudo

    # The parameters are the fields of PseudoOptions by name; the rest is for the run.
    chosen = {field.name: context.params[field.name] for field in fields(PseudoOptions)}
    chosen["model"] = tuple(chosen["model"] or ())
    outcome = pseudo(
        data,
        PseudoOptions(**chosen),
        images=images,
        workers=workers or cores(),
        scheduler=scheduler_for(executor, scheduler),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary),
    )
    finish(outcome, json_summary=json_summary)
