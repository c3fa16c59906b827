"""The Lightning module: forward step, loss, confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from trashdata.errors import UserError, printable
from trashdata.inference.confusion import Matrix, confusion, scores
from trashdata.inference.predictor import Ensemble, evaluated_images
from trashdata.inference.resolution import Rgb
from trashdata.inference.saved import LoadedModel, ModelCard

from ..data.schedule import Schedule
from ..inputs import Inputs
from ..lightning import pl
from ..losses.class_weights import difficulty_weights
from ..losses.losses import AUXILIARY, make_loss
from ..options import TrainOptions
from .optimize import lr_factor, make_optimizer, parameter_groups, set_rates


@dataclass(frozen=True)
class Names:
    """Names: ``file_name`` of the training and validation samples by index; of the channels."""

    train: Sequence[str]
    val: Sequence[str]
    channels: Sequence[str]


class Segmenter(pl.LightningModule):
    """An SMP model in training.

    Parameters
    ----------
    net : the model, as `trashdata.inference.architectures.build_model` gives it.
    card : the model card, saved beside the weights.
    class_weights : (C,) or None.
    total, epoch_steps : optimizer steps of the run and of an epoch.
    """

    # None of them is a buffer: averaging of weights swaps buffers during validation.
    matrix: Matrix
    photo_scores: dict[str, float]
    class_weights: list[float] | None

    def __init__(
        self,
        net: Any,
        card: ModelCard,
        options: TrainOptions,
        names: Names,
        *,
        class_weights: list[float] | None,
        total: int,
        epoch_steps: int,
    ) -> None:
        super().__init__()
        self.net = net
        self.card = card
        self.names = names
        self.class_weights = class_weights
        self._options = options
        self._loss = make_loss(options.loss, options.label_smoothing)
        self._total = total
        self._warmup = round(options.warmup * epoch_steps)
        self._losses: list[Tensor] = []

    # --- training -------------------------------------------------------------------------

    def on_fit_start(self) -> None:
        # A sixth faster on a CPU, and more on a GPU with half precision.
        self.net.to(memory_format=torch.channels_last)

    def on_train_start(self) -> None:
        # The optimizer of a run that gets longer was saved with the rate of the shorter schedule.
        for schedule in (config.scheduler for config in self.trainer.lr_scheduler_configs):
            set_rates(cast(torch.optim.lr_scheduler.LambdaLR, schedule))

    def on_train_epoch_start(self) -> None:
        self._losses = []

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:  # noqa: ARG002
        photos, labels, indices = _sound(batch)
        loss = self.loss(self.net(normalised(photos, self.card.mean, self.card.std)), labels)
        if not torch.isfinite(loss):
            raise self._not_finite(indices.tolist())
        self._losses.append(loss.detach())
        return loss

    def loss(self, output: Any, labels: Tensor) -> Tensor:
        """The loss of a model's output, with that of an auxiliary head if it has one."""
        labels, weights = labels.long(), self._weights(labels.device)
        if isinstance(output, tuple):
            logits, auxiliary = output
            main = self._loss(logits.float(), labels, weights)
            return main + AUXILIARY * self._loss(auxiliary.float(), labels, weights)
        return self._loss(output.float(), labels, weights)

    def _weights(self, device: torch.device) -> Tensor | None:
        if self.class_weights is None:
            return None
        return torch.tensor(self.class_weights, dtype=torch.float32, device=device)

    def _not_finite(self, indices: list[int]) -> UserError:
        known = [self.names.train[index] for index in indices if index >= 0]
        photos = ", ".join(map(printable, [*known, "some with pastes"][: len(indices)]))
        kept = "the run keeps the weights of the last epochs; " if self.current_epoch else ""
        return UserError(
            f"epoch {self.current_epoch + 1}, step {self.global_step + 1}",
            expected="a finite loss",
            found=f"nan or infinity on the photos {photos}",
            advice=f"{kept}try a lower --lr, a longer --warmup or --precision 32-true",
        )

    def mean_loss(self) -> float:
        """Mean loss of the epoch so far, over all processes."""
        if not self._losses:
            return float("nan")
        mean = torch.stack(self._losses).mean()
        return float(cast(Tensor, self.trainer.strategy.reduce(mean, reduce_op="mean")))

    def configure_optimizers(self) -> Any:
        options = self._options
        groups = parameter_groups(self.net, options.lr, options.encoder_lr)
        optimizer = make_optimizer(options.optimizer, groups, options.lr)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda step: lr_factor(step, self._total, self._warmup, options.scheduler),
        )
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]

    # --- validation -----------------------------------------------------------------------

    def on_validation_epoch_start(self) -> None:
        channels = self.card.spec.channels
        self.matrix = np.zeros((channels, channels), dtype=np.int64)
        self.photo_scores = {}
        loaded = LoadedModel(self.net, self.card, path=Path(), sha256="", name="")
        self._ensemble = Ensemble([loaded])

    def validation_step(self, batch: Any, batch_idx: int) -> None:  # noqa: ARG002
        photo, labels, indices = _sound(batch)
        index = int(indices[0])
        # As in `trashdata evaluate`, so that both report the same.
        predicted = self._ensemble.predict(photo[0].cpu().numpy()).labels
        matrix = confusion(labels[0].cpu().numpy(), predicted, self.card.spec.channels)
        self.matrix += matrix
        if index >= 0:
            self.photo_scores[self.names.val[index]] = scores(matrix, self.names.channels).miou

    def whole_matrix(self) -> Matrix:
        """The confusion matrix summed over all processes."""
        matrix = torch.from_numpy(self.matrix).to(self.device)
        reduced = cast(Tensor, self.trainer.strategy.reduce(matrix, reduce_op="sum"))
        return reduced.cpu().numpy()

    def weigh_by_difficulty(self, matrix: Matrix) -> None:
        """Set the class weights by the recall in validation."""
        true = matrix.sum(axis=1).astype(np.float64)
        recall = np.divide(
            np.diagonal(matrix), true, out=np.full(len(true), np.nan), where=true > 0
        )
        self.class_weights = difficulty_weights(recall).tolist()

    # --- checkpoints ----------------------------------------------------------------------

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["class_weights"] = self.class_weights

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.class_weights = checkpoint["class_weights"]


def segmenter_of(inputs: Inputs, net: Any, schedule: Schedule) -> Segmenter:
    """Make the module of a run."""
    sources, options = inputs.sources, inputs.options
    names = Names(
        [sample.image.file_name for sample in sources.samples],
        [image.file_name for image in evaluated_images(sources.val)],
        inputs.names,
    )
    return Segmenter(
        net,
        inputs.card,
        options,
        names,
        class_weights=inputs.weights,
        total=schedule.steps,
        epoch_steps=schedule.epoch_steps,
    )


def normalised(photos: Tensor, mean: Rgb, std: Rgb) -> Tensor:
    """Normalise (N, h, w, 3) uint8 to (N, 3, h, w) float32 as models take them.

    On the device, not in the loader, since uint8 is a quarter of the bytes to transfer.
    """
    scale = 1 / (255 * torch.tensor(std, device=photos.device))
    shift = -torch.tensor(mean, device=photos.device) / torch.tensor(std, device=photos.device)
    return (photos.float() * scale + shift).permute(0, 3, 1, 2)


def _sound(batch: Any) -> tuple[Tensor, Tensor, Tensor]:
    """The batch; raises an error that a loader's worker sent instead."""
    if isinstance(batch, UserError):
        raise batch
    photos, labels, indices = batch
    return photos, labels, indices
