"""Forward pass of a photo through one model: logits at the model's scale, one map per view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from trashdata.inference.choices import Tta
from trashdata.inference.resolution import (
    Pixels,
    content_shape,
    prepare,
    window_starts,
    window_weight,
)
from trashdata.inference.saved import LoadedModel
from trashdata.inference.views import View, views

if TYPE_CHECKING:
    import torch

# Batches hold tiles of one photo only, so that its logits don't depend on other photos.
_GPU_BATCH = 8


def photo_logits(model: LoadedModel, photo: Pixels, tta: Tta = "none") -> list[torch.Tensor]:
    """Logits of a photo for each of the views of ``tta``.

    Parameters
    ----------
    photo : (H, W, 3) uint8 RGB.

    Returns
    -------
    A float32 tensor (channels, h, w) per view on the model's device. Each covers exactly the photo,
    at the scale of the view; `trashdata.inference.combine` resizes them to the photo.
    """
    import torch

    seen = views(tta)
    with torch.inference_mode():
        if model.card.resolution.mode == "windows":
            return [_through_windows(model, photo, view) for view in seen]
        tiles = [view.apply(_tensor(model, photo, view)) for view in seen]
        maps = zip(seen, _forward(model, tiles), strict=True)
        return [_content(model, photo, view, view.undo(logits)) for view, logits in maps]


def _tensor(model: LoadedModel, photo: Pixels, view: View) -> torch.Tensor:
    import torch

    card = model.card
    planes = prepare(photo, view.resolution(card.resolution), card.mean, card.std)
    return torch.from_numpy(planes).to(model.device)


def _content(model: LoadedModel, photo: Pixels, view: View, logits: torch.Tensor) -> torch.Tensor:
    shape = (photo.shape[0], photo.shape[1])
    height, width = content_shape(shape, view.resolution(model.card.resolution))
    return logits[:, :height, :width]


def _forward(model: LoadedModel, tiles: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Logits (channels, h, w) of tiles (3, h, w), in their order."""
    import torch

    limit = 1 if model.device.type == "cpu" else _GPU_BATCH
    for batch in _batches(tiles, limit):
        yield from model.module(torch.stack(batch)).float()


def _batches(tiles: Iterable[torch.Tensor], limit: int) -> Iterator[list[torch.Tensor]]:
    """Batches of up to ``limit`` successive tiles of equal shape."""
    batch: list[torch.Tensor] = []
    for tile in tiles:
        if batch and (len(batch) == limit or batch[0].shape != tile.shape):
            yield batch
            batch = []
        batch.append(tile)
    if batch:
        yield batch


def _through_windows(model: LoadedModel, photo: Pixels, view: View) -> torch.Tensor:
    """Logits of overlapping windows, averaged with lower weights near a window's border."""
    import torch

    resolution = model.card.resolution
    size = resolution.size
    seen = _scaled_photo(photo, view.scale)
    planes = view.apply(_tensor(model, seen, view))
    _, height, width = planes.shape
    corners = [
        (y, x)
        for y in window_starts(height, size, resolution.overlap)
        for x in window_starts(width, size, resolution.overlap)
    ]
    weight = torch.from_numpy(window_weight(size)).to(model.device)
    total = torch.zeros((model.card.spec.channels, height, width), device=model.device)
    weights = torch.zeros((height, width), device=model.device)
    tiles = (planes[:, y : y + size, x : x + size] for y, x in corners)
    for (y, x), logits in zip(corners, _forward(model, tiles), strict=True):
        total[:, y : y + size, x : x + size] += logits * weight
        weights[y : y + size, x : x + size] += weight
    total /= weights
    whole: torch.Tensor = view.undo(total)
    return whole[:, : seen.shape[0], : seen.shape[1]]


def _scaled_photo(photo: Pixels, scale: float) -> Pixels:
    if scale == 1.0:
        return photo
    height, width = (max(1, round(side * scale)) for side in photo.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized: Any = cv2.resize(photo, (width, height), interpolation=how)
    return np.asarray(resized, dtype=np.uint8)
