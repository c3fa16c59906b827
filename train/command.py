"""``trashdata train``."""

from __future__ import annotations

from trashdata.options.command import Call, command, command_app
from trashdata.outcome import Outcome

from .options import TrainOptions
from .presets import settled

app = command_app()


@command(app, "train", TrainOptions, ("data", "images", "dry_run"))
def train_command(options: TrainOptions, call: Call) -> Outcome:
    """Train a segmentation model directly on COCO files.

    Example: trashdata train --data demo/input/data --encoder-weights none --size 64 --epochs 1
    """
    from .fitting.hardware import has_gpu
    from .pastes import paste_options
    from .run import train

    options, note = settled(options, call.given, gpu=has_gpu())
    if note is not None:
        call.reporter.note(note)
    return train(
        call.data,
        options,
        pasting=paste_options(options, call.config),
        images=call.images,
        stated=call.stated,
        dry_run=call.dry_run,
        reporter=call.reporter,
    )
