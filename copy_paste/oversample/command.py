"""``trashdata oversample``."""

from __future__ import annotations

from typing import Annotated

import typer

from trashdata.completion import complete_json
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

from ..command_options import (
    BackgroundOption,
    BalanceOption,
    BlendOption,
    DonorImagesOption,
    DonorsOption,
    FilterDonorsOption,
    MaxCoverOption,
    MaxReuseOption,
    MinVisibleOption,
    ModeOption,
    PatchOption,
    QualityOption,
    RemovePatchOption,
    SizeOption,
    TargetOption,
    VflipOption,
)

app = command_app()


@app.command("oversample")
def command(
    context: typer.Context,
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: Annotated[
        str, typer.Option("--json", help="COCO file to add to.", autocompletion=complete_json)
    ] = "train.json",
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            help="Name of the new folder and JSON in the data folder.",
            show_default="oversample, or repeats with --repeat-factor",
        ),
    ] = None,
    patch: PatchOption = [],  # noqa: B006  # Typer copies it
    background: BackgroundOption = [],  # noqa: B006
    background_objects: Annotated[
        int,
        typer.Option("--background-objects", min=1, help="Objects on a background, at most."),
    ] = 1,
    num: Annotated[
        int | None,
        typer.Option(
            "--num",
            min=1,
            help="Photos to make; with --target or --balance at most.",
            show_default="500; with --target or --balance as many as they take",
        ),
    ] = None,
    size: SizeOption = None,
    target: TargetOption = [],  # noqa: B006
    balance: BalanceOption = None,
    max_reuse: MaxReuseOption = None,
    fold: Annotated[
        int | None,
        typer.Option(
            "--fold",
            metavar="K",
            min=0,
            help="Take kfold_K_train.json, write oversample_K or repeats_K.",
        ),
    ] = None,
    min_area: Annotated[
        int, typer.Option("--min-area", min=1, help="Smallest donor, in pixels of its photo.")
    ] = 100,
    max_area: Annotated[
        int | None,
        typer.Option("--max-area", min=1, help="Largest donor, in pixels of its photo."),
    ] = None,
    start_index: Annotated[
        int, typer.Option("--start-index", min=0, help="Number of the first new photo's file.")
    ] = 0,
    elastic: Annotated[
        float,
        typer.Option(
            "--elastic", help="Bend donors by up to this share of their longer side, 0 to 0.1."
        ),
    ] = 0.05,
    hflip: Annotated[
        float, typer.Option("--hflip", min=0, max=1, help="Probability, for donors.")
    ] = 0.5,
    vflip: VflipOption = 0.0,
    repeat_factor: Annotated[
        str | None,
        typer.Option(
            "--repeat-factor",
            metavar="auto|T",
            help="Make no photos: write a JSON in which photos of classes that fewer than a"
            " share T of the photos hold stand repeatedly; auto takes the median class.",
        ),
    ] = None,
    donors: DonorsOption = None,
    donor_images: DonorImagesOption = None,
    remove_patch: RemovePatchOption = [],  # noqa: B006
    blend: BlendOption = "gaussian",
    min_visible: MinVisibleOption = 0.1,
    max_cover: MaxCoverOption = 0.3,
    filter_donors: FilterDonorsOption = True,
    mode: ModeOption = "add",
    segmentation: SegmentationOption = "polygon",
    quality: QualityOption = 95,
    exif: ExifOption = "auto",
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
    """Paste single objects at their own place onto plain photos, or repeat photos of rare classes.

    Example: trashdata oversample --data demo/input/data --patch Metal --num 60
    """
    from ..repeats.run import repeat_factor as repeat
    from .choose import chosen_options
    from .options import RepeatOptions
    from .run import oversample

    options = chosen_options(context)
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    if isinstance(options, RepeatOptions):
        outcome = repeat(data, options, dry_run=dry_run, overwrite=overwrite, reporter=reporter)
    else:
        outcome = oversample(
            data,
            options,
            images=images,
            workers=workers or cores(),
            scheduler=scheduler_for(executor, scheduler),
            dry_run=dry_run,
            overwrite=overwrite,
            reporter=reporter,
        )
    finish(outcome, json_summary=json_summary)
