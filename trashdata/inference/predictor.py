"""Prediction with models: probabilities, label maps, and evaluation on a labelled set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.console import Tick
from trashdata.inference.choices import Tta, Voting
from trashdata.inference.combine import Strip, strips
from trashdata.inference.confusion import Matrix, confusion
from trashdata.inference.crf import refine
from trashdata.inference.forward import photo_logits
from trashdata.inference.resolution import Pixels
from trashdata.inference.saved import LoadedModel
from trashdata.masks.labelmap import label_map
from trashdata.paths import DataFolders
from trashdata.photos import ExifRule, Photo, read_photo

if TYPE_CHECKING:
    import torch

_AHEAD = 4


@dataclass(frozen=True)
class Prediction:
    """``labels``: (H, W) uint8 class indices; ``confidence``: (H, W) float32 from 0 to 1.

    The confidence is the class's probability, or its share of the votes.
    """

    labels: NDArray[np.uint8]
    confidence: NDArray[np.float32]


@dataclass(frozen=True)
class Ensemble:
    """One or more models for the same classes, and how their predictions are combined.

    ``weights``: of the models, empty for equal weights; ``crf``: refine with a conditional random
    field.
    """

    models: Sequence[LoadedModel]
    weights: Sequence[float] = ()
    tta: Tta = "none"
    voting: Voting = "soft"
    crf: bool = False

    @property
    def channels(self) -> int:
        """Number of classes with the background."""
        return self.models[0].card.spec.channels

    @property
    def device(self) -> torch.device:
        """The device of the first model, on which predictions are combined."""
        return self.models[0].device

    def strips(self, photo: Pixels) -> Iterator[Strip]:
        """Probabilities of a photo (H, W, 3) uint8 RGB, some rows at a time."""
        import torch

        weights = self.weights or [1.0] * len(self.models)
        shares = [weight / sum(weights) for weight in weights]
        with torch.inference_mode():
            members = [photo_logits(model, photo, self.tta) for model in self.models]
            placed = [[logits.to(self.device) for logits in views] for views in members]
            yield from strips(placed, shares, (photo.shape[0], photo.shape[1]), self.voting)

    def probabilities(self, photo: Pixels) -> NDArray[np.float32]:
        """(channels, H, W) float32 for a photo (H, W, 3) uint8 RGB; see `probabilities`."""
        parts = [strip.probabilities.cpu().numpy() for strip in self.strips(photo)]
        whole = np.concatenate(parts, axis=1)
        return refine(photo, whole) if self.crf else whole

    def predict(self, photo: Pixels) -> Prediction:
        """The argmax of `probabilities`, if possible without full-size maps of all classes."""
        if self.crf:
            whole = self.probabilities(photo)
            return Prediction(whole.argmax(axis=0).astype(np.uint8), whole.max(axis=0))
        labels, confidence = [], []
        for strip in self.strips(photo):
            surest, index = strip.probabilities.max(dim=0)
            labels.append(index.byte().cpu().numpy())
            confidence.append(surest.clamp(max=1).cpu().numpy())
        return Prediction(np.concatenate(labels), np.concatenate(confidence))


def probabilities(
    models: Sequence[LoadedModel],
    photo: Pixels,
    tta: Tta = "none",
    weights: Sequence[float] | None = None,
    voting: Voting = "soft",
) -> NDArray[np.float32]:
    """Softmax averaged over views and models, at the photo's full size.

    Parameters
    ----------
    models : of any architectures and sizes, for the same classes.
    photo : (H, W, 3) uint8 RGB.
    weights : of the models, at least 0; equal by default.
    voting : ``hard`` gives shares of votes.

    Returns
    -------
    (channels, H, W) float32; the background is channel 0. Channels add up to 1.
    """
    return Ensemble(models, weights or (), tta, voting).probabilities(photo)


def evaluated_images(document: Document) -> list[ImageRecord]:
    """The images of a document, each photo once: repeats are left out."""
    return [image for image in document.images if REPEAT_OF not in image.trashdata]


def evaluate_model(
    model: LoadedModel,
    document: Document,
    folders: DataFolders,
    *,
    exif: ExifRule = "auto",
    tick: Tick | None = None,
) -> Matrix:
    """The confusion matrix of one model without further options; see `evaluate_ensemble`."""
    return evaluate_ensemble(Ensemble([model]), document, folders, exif=exif, tick=tick)


def evaluate_ensemble(
    ensemble: Ensemble,
    document: Document,
    folders: DataFolders,
    *,
    exif: ExifRule = "auto",
    tick: Tick | None = None,
) -> Matrix:
    """The confusion matrix of models on a labelled set, at the photos' full sizes.

    Photos are read a few ahead. With torch.distributed, each process takes its share of the photos,
    none twice, and all get the sum.

    Returns
    -------
    (channels, channels) int64, rows true, columns predicted; ignored pixels are not counted.
    """
    rank, processes = _rank_and_size()
    images = evaluated_images(document)[rank::processes]
    channels = ensemble.channels
    matrix = np.zeros((channels, channels), dtype=np.int64)
    for image, photo in photos_ahead(images, folders, exif):
        labels = ensemble.predict(to_rgb(photo)).labels
        matrix += confusion(label_map(document, image), labels, channels)
        if tick is not None:
            tick()
    return _sum_in_group(matrix, ensemble.device)


def to_rgb(photo: Photo) -> Pixels:
    """Convert a photo to (H, W, 3) uint8 RGB for models."""
    return photo.pixels[..., ::-1]


def photos_ahead(
    images: Sequence[ImageRecord], folders: DataFolders, exif: ExifRule = "auto"
) -> Iterator[tuple[ImageRecord, Photo]]:
    """Yield photos in order, reading a few ahead."""
    waiting: list[tuple[ImageRecord, Future[Photo]]] = []
    queue = iter(images)
    with ThreadPoolExecutor(2) as pool:
        while True:
            for image in islice(queue, _AHEAD - len(waiting)):
                waiting.append((image, pool.submit(read_photo, folders.images, image, exif)))
            if not waiting:
                return
            image, photo = waiting.pop(0)
            yield image, photo.result()


def _rank_and_size() -> tuple[int, int]:
    """This process's rank, and the number of processes."""
    import torch

    group = torch.distributed
    if not (group.is_available() and group.is_initialized()):
        return 0, 1
    return group.get_rank(), group.get_world_size()


def _sum_in_group(matrix: Matrix, device: torch.device) -> Matrix:
    import torch

    if _rank_and_size()[1] == 1:
        return matrix
    # NCCL sums tensors on a GPU only.
    total = torch.from_numpy(matrix).to(device)
    torch.distributed.all_reduce(total)
    return total.cpu().numpy()
