"""Results of a run: the scores of the best weights as in ``trashdata evaluate``, and pictures."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from trashdata.console import Reporter
from trashdata.inference.confusion import Matrix, Scores, scores
from trashdata.inference.confusion_plot import draw_confusion
from trashdata.inference.predictor import evaluate_model, evaluated_images
from trashdata.inference.saved import BEST, LoadedModel, load_model, save_model
from trashdata.outcome import Outcome
from trashdata.runs.files import write_atomically

from .inputs import Inputs
from .options import Keep
from .pictures.curves import draw_curves
from .pictures.photo_sheet import draw_sheet
from .run_folder.about import ABOUT, CONFIG, LAST, METRICS, RESULTS, write_json
from .run_folder.photos import PHOTOS as TRAINED

if TYPE_CHECKING:
    import pytorch_lightning as pl

    from .data.schedule import Schedule
    from .fitting.callbacks import History

CURVES, CONFUSION, PHOTOS = "curves.png", "confusion.png", "photos.png"


def finish_run(
    inputs: Inputs, folder: Path, history: History, trainer: pl.Trainer, reporter: Reporter
) -> tuple[dict[str, Any], list[str]]:
    """Score the weights that are kept; write results and pictures.

    Returns
    -------
    The figures for ``--json-summary``, and the paths of the files in the run folder.
    """
    model = load_model(folder)
    model.module.to(trainer.strategy.root_device)
    val, folders = inputs.sources.val, inputs.folders
    exif = inputs.options.exif
    with reporter.progress(
        f"Scoring the {inputs.options.keep}", len(evaluated_images(val))
    ) as tick:
        matrix = evaluate_model(model, val, folders, exif=exif, tick=tick)
    found = scores(matrix, inputs.names)
    figures = {
        **asdict(found),
        "epochs": history.rows[-1]["epoch"],
        "best_epoch": kept_epoch(history, inputs.options.keep),
        "confusion": matrix.tolist(),
    }
    if trainer.is_global_zero:
        from .fitting.loggers import log_sheet

        _write(inputs, folder, model, matrix, found, history, figures)
        log_sheet(trainer, folder / PHOTOS)
        _show(folder, found, matrix, inputs.options.keep, reporter)
    names = (CONFIG, ABOUT, TRAINED, METRICS, RESULTS, BEST, LAST, CURVES, CONFUSION, PHOTOS)
    return figures, [str(folder / name) for name in names]


def kept_epoch(history: History, keep: Keep) -> int:
    """The epoch of the weights that are kept, from 1."""
    last, best = history.rows[-1], max(history.rows, key=lambda row: row["miou"])
    return int((last if keep == "last" else best)["epoch"])


def _write(
    inputs: Inputs,
    folder: Path,
    model: LoadedModel,
    matrix: Matrix,
    found: Scores,
    history: History,
    figures: dict[str, Any],
) -> None:
    card = msgspec.structs.replace(model.card, val_miou=found.miou, val_iou=found.iou)
    save_model(model.module, card, folder / BEST)
    val = inputs.sources.val
    title = f"{folder.name} on {val.name}"
    write_atomically(folder / CURVES, draw_curves(history.rows, title))
    write_atomically(folder / CONFUSION, draw_confusion(matrix, inputs.names, title))
    sheet = draw_sheet(model, val, inputs.folders, history.photo_scores, exif=inputs.options.exif)
    write_atomically(folder / PHOTOS, sheet)
    # Written last: a run that has it is complete.
    write_json(folder / RESULTS, figures)


def _show(folder: Path, found: Scores, matrix: Matrix, keep: Keep, reporter: Reporter) -> None:
    true = matrix.sum(axis=1).tolist()
    rows = [
        (name, "–" if iou is None else round(100 * iou, 1), pixels)
        for (name, iou), pixels in zip(found.iou.items(), true, strict=True)
    ]
    reporter.table(f"{folder.name}: {keep} weights", ("class", "IoU %", "true pixels"), rows)
    reporter.note(f"mIoU       {found.miou:.4f}, without background {found.miou_foreground:.4f}")
    reporter.note(f"Accuracy   {found.pixel_accuracy:.4f} of the pixels")
    reporter.note(f"Model      {folder / BEST}")
    reporter.note(f"Pictures   {folder / CURVES}, {CONFUSION}, {PHOTOS}")


def plan_note(inputs: Inputs, schedule: Schedule) -> str:
    """What a run trains, how long and on what, in a sentence."""
    options, samples = inputs.options, inputs.sources.samples
    real = sum(sample.real for sample in samples)
    shown = [f"{real:,} real"]
    if real < len(samples):
        shown.append(f"{len(samples) - real:,} synthetic")
    if options.paste:
        shown.append(f"fresh pastes on {options.paste:.0%}")
    return (
        f"{options.arch} with {options.encoder} at {options.size} pixels: {schedule.steps:,} steps"
        f" of {options.batch_size} photos in {schedule.epochs:,} epochs; {', '.join(shown)}."
    )


def training_outcome(
    inputs: Inputs,
    folder: Path,
    figures: dict[str, Any],
    outputs: list[str],
    reporter: Reporter,
) -> Outcome:
    """The outcome of a run for ``--json-summary``; without figures and outputs in a dry run."""
    sources = inputs.sources
    return Outcome(
        command="train",
        inputs=inputs.digests,
        outputs=outputs,
        counts={
            "photos": len(sources.samples),
            "validation_photos": len(sources.val.images),
            "classes": len(inputs.classes),
        },
        warnings=reporter.warnings,
        figures={"run": str(folder), "options": inputs.options.of_run(), **figures},
    )
