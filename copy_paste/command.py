"""``trashdata copy-paste``."""

from __future__ import annotations

from typing import Annotated, Literal

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

from .command_options import (
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

Share = Annotated[float, typer.Option(min=0.0, max=1.0)]


@app.command("copy-paste")
def command(
    context: typer.Context,
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: Annotated[
        str, typer.Option("--json", help="COCO file to add to.", autocompletion=complete_json)
    ] = "train.json",
    out: Annotated[
        str, typer.Option("--out", help="Name of the new folder and JSON in the data folder.")
    ] = "copy_paste",
    patch: PatchOption = [],  # noqa: B006  # Typer copies it
    donors: DonorsOption = None,
    donor_images: DonorImagesOption = None,
    remove_patch: RemovePatchOption = [],  # noqa: B006
    background: BackgroundOption = [],  # noqa: B006
    num: Annotated[
        int | None,
        typer.Option(
            "--num",
            min=1,
            help="Photos to make; with --target or --balance at most so many.",
            show_default="1500; with --target or --balance as many as they take",
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
            min=0,
            metavar="K",
            help="Read kfold_K_train.json, write copy_paste_K.json.",
            show_default=False,
        ),
    ] = None,
    lsj: Annotated[
        bool, typer.Option("--lsj/--no-lsj", help="Large-scale jittering of donors.")
    ] = True,
    lsj_min: Annotated[float, typer.Option("--lsj-min", help="Smallest scale.")] = 0.2,
    lsj_max: Annotated[float, typer.Option("--lsj-max", help="Largest scale.")] = 2.0,
    background_lsj_min: Annotated[
        float, typer.Option("--background-lsj-min", help="Smallest scale; under 1 it is padded.")
    ] = 1.0,
    background_lsj_max: Annotated[
        float, typer.Option("--background-lsj-max", help="Largest scale; over 1 it is cropped.")
    ] = 2.0,
    extract_patch: Annotated[
        bool,
        typer.Option(
            "--extract-patch/--whole",
            help="Paste single objects of the classes, or all objects of their photo together.",
        ),
    ] = True,
    small_to_large: Annotated[
        bool,
        typer.Option(
            "--small-to-large/--no-small-to-large",
            help="Enlarge donors under 2 % of their photo to 2 % first.",
        ),
    ] = True,
    large_to_small: Annotated[
        bool,
        typer.Option(
            "--large-to-small/--no-large-to-small",
            help="Shrink donors over 8 % of their photo to 8 % first.",
        ),
    ] = True,
    max_objects: Annotated[
        int, typer.Option("--max-objects", min=1, help="Paste 1 to so many on a photo.")
    ] = 3,
    min_area: Annotated[
        int, typer.Option("--min-area", min=1, help="Smallest pasted object, in pixels.")
    ] = 100,
    max_area: Annotated[
        int | None, typer.Option("--max-area", min=1, help="Largest pasted object, in pixels.")
    ] = None,
    hflip: Annotated[
        float, typer.Option("--hflip", min=0, max=1, help="Probability; backgrounds too.")
    ] = 0.5,
    vflip: VflipOption = 0.0,
    rotate: Annotated[
        float, typer.Option("--rotate", min=0, max=180, help="Turn donors by up to ± degrees.")
    ] = 0.0,
    place: Annotated[
        Literal["anywhere", "row"],
        typer.Option("--place", help="Anywhere, or near the height where the donor stood."),
    ] = "anywhere",
    blend: BlendOption = "gaussian",
    min_visible: MinVisibleOption = 0.1,
    max_cover: MaxCoverOption = 0.3,
    cut_donors: Annotated[
        bool, typer.Option("--cut-donors", help="Also paste objects that their photo cuts.")
    ] = False,
    min_donor_area: Annotated[
        int, typer.Option("--min-donor-area", min=1, help="Smallest donor, in pixels.")
    ] = 64,
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
    """Make new photos by pasting objects of rare classes, with masks and a COCO file.

    Example: trashdata copy-paste --data demo/input/data --patch Battery --num 60
    """
    from dataclasses import fields

    from .options import CopyPasteOptions
    from .run import copy_paste

    # The parameters are the fields of CopyPasteOptions by name; the rest is for the run.
    chosen = {field.name: context.params[field.name] for field in fields(CopyPasteOptions)}
    for name in ("patch", "remove_patch", "background", "target"):
        chosen[name] = tuple(chosen[name])
    outcome = copy_paste(
        data,
        CopyPasteOptions(**chosen),
        images=images,
        workers=workers or cores(),
        scheduler=scheduler_for(executor, scheduler),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary),
    )
    finish(outcome, json_summary=json_summary)
