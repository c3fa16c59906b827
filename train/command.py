"""``trashdata train``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from trashdata.console import ConsoleReporter
from trashdata.options import (
    ConfigOption,
    DataOption,
    DryRunOption,
    ExifOption,
    ImagesOption,
    JsonSummaryOption,
    QuietOption,
    SeedOption,
    VerboseOption,
    command_app,
    finish,
    reporter_for,
)
from trashdata.paths import DEFAULT_DATA

from .options import Loss, Mode, Optimizer, Scheduler

app = command_app()


@app.command("train")
def command(
    context: typer.Context,
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    train: Annotated[
        list[str] | None,
        typer.Option(
            "--train",
            metavar="FILE.json[:WEIGHT]",
            help="COCO file to train on; may be given several times. The weight says how often"
            " a photo of it is seen in an epoch.",
            show_default="train.json",
        ),
    ] = None,
    val: Annotated[str, typer.Option("--val", help="COCO file to validate on.")] = "val.json",
    fold: Annotated[
        int | None,
        typer.Option(
            "--fold",
            metavar="K",
            min=0,
            help="Take kfold_K_train.json, kfold_K_val.json and, if there, copy_paste_K.json.",
            show_default=False,
        ),
    ] = None,
    arch: Annotated[
        str, typer.Option("--arch", help="Architecture: any of SMP's, or ocr.")
    ] = "UnetPlusPlus",
    encoder: Annotated[
        str, typer.Option("--encoder", help="Encoder: any of SMP's, or of timm's with tu- before.")
    ] = "efficientnet-b0",
    encoder_weights: Annotated[
        str,
        typer.Option("--encoder-weights", metavar="imagenet|none|FILE", help="Where it starts."),
    ] = "imagenet",
    loss: Annotated[Loss, typer.Option("--loss", help="Loss.")] = "dice-focal",
    class_weights: Annotated[
        str,
        typer.Option(
            "--class-weights",
            metavar="none|inverse|effective|FILE",
            help="What classes count: alike, by pixels, by objects, or as a JSON file says.",
        ),
    ] = "none",
    label_smoothing: Annotated[
        float, typer.Option("--label-smoothing", help="Of ce and cdb, from 0 to under 1.")
    ] = 0.0,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Passes over the photos.")] = 40,
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Photos a step.")] = 8,
    lr: Annotated[float, typer.Option("--lr", help="Highest learning rate.")] = 1e-3,
    optimizer: Annotated[Optimizer, typer.Option("--optimizer", help="Optimizer.")] = "adamw",
    scheduler: Annotated[
        Scheduler, typer.Option("--scheduler", help="Course of the learning rate.")
    ] = "cosine",
    warmup: Annotated[
        float, typer.Option("--warmup", metavar="EPOCHS", help="Rise to the learning rate.")
    ] = 1.0,
    size: Annotated[
        int, typer.Option("--size", help="Side of what the model sees, pixels; times 32.")
    ] = 512,
    mode: Annotated[
        Mode, typer.Option("--mode", help="Photos are resized to it, or read in windows of it.")
    ] = "resize",
    augment: Annotated[
        str,
        typer.Option(
            "--augment",
            metavar="none|flip|light|medium|strong|LIST",
            help="Augmentation: a preset, or names such as flip,rotate,cutout.",
        ),
    ] = "light",
    precision: Annotated[
        str, typer.Option("--precision", help="As Lightning calls them; auto: mixed on a GPU.")
    ] = "auto",
    ema: Annotated[bool, typer.Option("--ema", help="Average the weights over steps.")] = False,
    early_stop: Annotated[
        int,
        typer.Option(
            "--early-stop",
            metavar="EPOCHS",
            min=0,
            help="Stop after so many epochs without a better mIoU; 0: never.",
        ),
    ] = 0,
    accelerator: Annotated[
        str, typer.Option("--accelerator", metavar="auto|cpu|gpu|mps", help="What it runs on.")
    ] = "auto",
    devices: Annotated[
        str, typer.Option("--devices", help="How many, or which, such as 2 or 0,3.")
    ] = "auto",
    strategy: Annotated[str, typer.Option("--strategy", help="Lightning's, such as ddp.")] = "auto",
    logger: Annotated[
        str, typer.Option("--logger", help="csv (always), tensorboard, wandb; with commas.")
    ] = "csv",
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            help="Go on with a run that was stopped.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", help="Name under runs/; exp2 follows exp.")
    ] = "exp",
    exif: ExifOption = "auto",
    seed: SeedOption = 42,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Processes that load photos, a device.")
    ] = 2,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Train a segmentation model on COCO files, straight.

    Example: trashdata train --data demo/input/data --encoder-weights none --size 64 --epochs 1
    """
    from dataclasses import fields

    from .options import TrainOptions
    from .run import is_first_process
    from .run import train as run_training

    given = {**context.params, "train": tuple(train or ("train.json",))}
    known = {field.name for field in fields(TrainOptions)}
    first = is_first_process()
    reporter: ConsoleReporter = reporter_for(
        quiet=quiet or not first, verbose=verbose, json_summary=json_summary
    )
    outcome = run_training(
        data,
        TrainOptions(**{key: value for key, value in given.items() if key in known}),
        images=images,
        resume=resume,
        stated=_stated(context, known),
        dry_run=dry_run,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary and first)


def _stated(context: Any, names: set[str]) -> frozenset[str]:
    """The options on the command line; those of a file may be another command's by now."""
    sources = {name: context.get_parameter_source(name) for name in names}
    return frozenset(n for n, source in sources.items() if source and source.name == "COMMANDLINE")
