"""Loaders for training and validation, as Lightning asks for them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch.utils.data import DataLoader, Dataset, Sampler

from trashdata.inference.predictor import evaluated_images
from trashdata.inference.resolution import Resolution, Rgb
from trashdata.runs.workers import warm_up

from ..inputs import Inputs
from ..lightning import pl
from ..pastes import Pastes
from ..reading.samples import Sample
from .choices import Iou
from .dataset import Photos, TrainingSet, ValidationSet, start_worker
from .draws import Draw
from .mixture import Mixture
from .sampling import EpochSampler, EvaluationSampler, Part
from .schedule import Schedule, schedule_for
from .transport import as_tensors, collate, collate_arrays, has_room, in_flight

# Forking a process that has threads (torch's, OpenCV's, the progress bar's) can hang the child.
START_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


@dataclass(frozen=True)
class Loading:
    """Settings of loading; ``augment``: names of `trashdata.train.augmentations.NAMES`; ``epochs``,
    ``steps``, ``epoch_steps``: see `schedule_for`, ``workers``: processes, 0 loads in this one."""

    resolution: Resolution
    augment: Sequence[str]
    mean: Rgb
    batch_size: int
    epochs: int
    steps: int | None
    workers: int
    seed: int
    epoch_steps: int | None = None


class Data(pl.LightningDataModule):
    """The data module of a run."""

    def __init__(
        self,
        train: Photos,
        val: Photos,
        mixture: Mixture,
        loading: Loading,
        pastes: Pastes | None = None,
    ) -> None:
        super().__init__()
        self.train = TrainingSet(
            train, loading.resolution, loading.augment, loading.mean, loading.seed, pastes
        )
        self.val = ValidationSet(val)
        self._class_iou: Iou | None = None
        self._mixture = mixture
        self._loading = loading
        self._through_pipes = False

    def check_room(self, processes: int, left: int | None) -> bool:
        """Let workers send photos through pipes if shared memory is too small for them.

        Parameters
        ----------
        processes : that train on this machine, each with its workers.
        left : free bytes of shared memory; see `trashdata.train.data.transport`.

        Returns
        -------
        Whether shared memory is large enough.
        """
        loading = self._loading
        # Three bytes of a photo's pixel, and one of its label.
        train = 4 * loading.resolution.size**2 * loading.batch_size
        sizes = [sample.image.width * sample.image.height for sample in self.val.photos.samples]
        loaders = (train, 4 * max(sizes, default=0))
        wanted = sum(in_flight(loading.workers, batch) for batch in loaders)
        self._through_pipes = not has_room(processes * wanted, left)
        return not self._through_pipes

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:  # noqa: ARG002
        """Make tensors of what came through a pipe."""
        return as_tensors(batch)

    def set_class_iou(self, iou: Iou) -> None:
        """Say the IoU of the channels in a validation, by which a sampler may draw classes."""
        self._class_iou = iou

    def sampler(self, part: Part) -> EpochSampler:
        """The draws of one process."""
        batch, schedule = self._loading.batch_size, self.schedule(part.processes)
        draws = self._mixture.draws(schedule.steps * batch * part.processes)
        return EpochSampler(draws, schedule.epoch_steps * batch, part, lambda: self._class_iou)

    def schedule(self, processes: int) -> Schedule:
        """The epochs of the run, where so many processes share its photos."""
        loading = self._loading
        draws, batch = self._mixture.pass_draws // processes, loading.batch_size
        return schedule_for(loading.epochs, loading.steps, draws, batch, loading.epoch_steps)

    def train_dataloader(self) -> DataLoader[Any]:
        return self._loader(self.train, self.sampler(self._part()), self._loading.batch_size)

    def val_dataloader(self) -> DataLoader[Any]:
        count = len(self.val.photos.samples)
        return self._loader(self.val, EvaluationSampler(count, self._part()), 1)

    def _part(self) -> Part:
        trainer = self.trainer
        return Part() if trainer is None else Part(trainer.global_rank, trainer.world_size)

    def _loader(self, photos: Dataset[Any], sampler: Sampler[Draw], batch: int) -> DataLoader[Any]:
        workers = self._loading.workers
        if workers:
            warm_up("trashdata.train.data.dataset")
        return DataLoader(
            photos,
            batch_size=batch,
            sampler=sampler,
            num_workers=workers,
            collate_fn=partial(
                collate_arrays if self._through_pipes else collate, fill=self.train.fill
            ),
            pin_memory=self._has_gpu(),
            worker_init_fn=start_worker if workers else None,
            persistent_workers=workers > 0,
            multiprocessing_context=START_METHOD if workers else None,
        )

    def _has_gpu(self) -> bool:
        return self.trainer is not None and self.trainer.strategy.root_device.type == "cuda"


def data_of(inputs: Inputs, *, epoch_steps: int | None = None) -> Data:
    """Make the data module of a run from its options.

    ``epoch_steps`` : of the epochs that a resumed run has trained.
    """
    options, sources, root = inputs.options, inputs.sources, inputs.folders.images
    loading = Loading(
        resolution=inputs.card.resolution,
        augment=inputs.augment,
        mean=inputs.card.mean,
        batch_size=options.batch_size,
        epochs=options.epochs,
        steps=options.steps,
        workers=options.workers,
        seed=options.seed,
        epoch_steps=epoch_steps,
    )
    documents = [source.document for source in sources.train]
    val = [Sample(0, image) for image in evaluated_images(sources.val)]
    return Data(
        Photos(documents, sources.samples, root, options.exif),
        Photos([sources.val], val, root, options.exif),
        mixture_of(inputs),
        loading,
        inputs.pastes,
    )


def mixture_of(inputs: Inputs) -> Mixture:
    """How the photos of a run are drawn."""
    options = inputs.options
    return Mixture(
        inputs.sources.samples,
        inputs.pixels,
        inputs.objects,
        options.sampler,
        options.paste,
        options.synthetic_share,
        options.finale,
        options.seed,
        by_steps=options.steps is not None,
    )
