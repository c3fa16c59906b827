"""Callbacks: progress, the history, the best weights, averaging."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import msgspec
from torch import Tensor

from trashdata.console import Reporter, Tick
from trashdata.inference.confusion import Scores, scores
from trashdata.inference.saved import BEST, save_model
from trashdata.runs.files import write_atomically

from ..lightning import Callback, EarlyStopping, WeightAveraging, pl
from ..options import Keep
from ..run_folder.about import METRICS
from .loggers import log_scores
from .module import Segmenter

Row = dict[str, Any]

EMA_DECAY = 0.999
_IOU = "iou "


class ShowProgress(Callback):
    """Progress bar; Lightning's bars write to stdout and ignore ``--quiet``."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._stack = ExitStack()
        self._tick: Tick | None = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        steps = (trainer.max_epochs or 1) * int(trainer.num_training_batches)
        self._tick = self._stack.enter_context(self._reporter.progress("Training", steps))
        self._tick(trainer.global_step)

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        if self._tick is not None:
            self._tick()

    def teardown(self, *_: Any, **__: Any) -> None:
        self._stack.close()


class History(Callback):
    """Scores after each epoch; saves the best weights, and the table of all epochs.

    Must come before the averaging of weights in the list of callbacks, to see the averaged ones.
    ``tell``: gets the IoU of the channels, None without a union. ``rows``: one per validated epoch;
    ``photo_scores``: mIoU of each photo at the epoch that is kept: the best one, or the last one
    with ``keep`` "last".
    """

    def __init__(
        self,
        folder: Path,
        reporter: Reporter,
        tell: Callable[[list[float | None]], None],
        *,
        keep: Keep,
        by_difficulty: bool,
    ) -> None:
        self._folder = folder
        self._reporter = reporter
        self._tell = tell
        self._keeps_last = keep == "last"
        self._by_difficulty = by_difficulty
        self.rows: list[Row] = []
        self.best: float | None = None
        self.photo_scores: dict[str, float] = {}

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        module = cast(Segmenter, pl_module)
        matrix = module.whole_matrix()
        result = scores(matrix, module.names.channels)
        if self._by_difficulty:
            module.weigh_by_difficulty(matrix)
        self._tell(list(result.iou.values()))
        loss = module.mean_loss()
        # For early stopping alone.
        module.log("val_miou", result.miou, rank_zero_only=False, logger=False)
        log_scores(trainer, loss, result)
        self._keep(trainer, module, loss, result)

    def _keep(self, trainer: pl.Trainer, module: Segmenter, loss: float, result: Scores) -> None:
        epoch = trainer.current_epoch + 1
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        self.rows.append(row(epoch, trainer.global_step, rate, loss, result))
        better = self.best is None or result.miou > self.best
        kept = better or self._keeps_last
        if kept:
            self.best = result.miou
            self.photo_scores = module.photo_scores
        if trainer.is_global_zero:
            write_atomically(self._folder / METRICS, as_csv(self.rows))
            if kept:
                card = msgspec.structs.replace(module.card, val_miou=result.miou)
                save_model(module.net, card, self._folder / BEST)
        self._reporter.note(
            f"Epoch {epoch:3} of {trainer.max_epochs}: loss {loss:.4f}, mIoU {result.miou:.4f}"
            + (", the best so far" if better and not self._keeps_last else "")
        )

    def state_dict(self) -> dict[str, Any]:
        return {"rows": self.rows, "best": self.best, "photo_scores": self.photo_scores}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.rows = state_dict["rows"]
        self.best = state_dict["best"]
        self.photo_scores = state_dict["photo_scores"]
        if self.rows:
            last = self.rows[-1]
            self._tell([value for name, value in last.items() if name.startswith(_IOU)])


def row(epoch: int, step: int, rate: float, loss: float, result: Scores) -> Row:
    """Make a row of the history."""
    return {
        "epoch": epoch,
        "step": step,
        "lr": rate,
        "loss": loss,
        "miou": result.miou,
        "miou_foreground": result.miou_foreground,
        "pixel_accuracy": result.pixel_accuracy,
        "frequency_weighted_iou": result.frequency_weighted_iou,
        **{f"{_IOU}{name}": value for name, value in result.iou.items()},
    }


def as_csv(rows: Sequence[Row]) -> bytes:
    """The history as CSV; classes without a union have empty cells."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


class EarlyStop(EarlyStopping):
    """Stops after so many epochs without a better mIoU.

    ``again`` : a resumed run has got more epochs, so that its patience starts anew.
    """

    def __init__(self, patience: int, *, again: bool = False) -> None:
        super().__init__("val_miou", mode="max", patience=patience)
        self._again = again

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict({**state_dict, "wait_count": 0} if self._again else state_dict)


def averaging() -> Callback:
    """Exponential moving average of the weights, by Lightning.

    Lightning's own average has a fixed decay, with which a short run ends on an average that still
    contains much of the random start; here the decay grows from 0.1 to 0.999.
    """
    return WeightAveraging(avg_fn=cast(Callable[..., Any], _average))


def _average(averaged: Tensor, current: Tensor, updates: Tensor | int) -> Tensor:
    count = float(updates)
    decay = min(EMA_DECAY, (1 + count) / (10 + count))
    if not averaged.is_floating_point():
        return current
    return averaged.lerp(current, 1 - decay)
