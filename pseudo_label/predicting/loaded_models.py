"""Loaded models as a predictor for the first stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trashdata.inference.choices import Tta

from .ensemble import Photo, Views

if TYPE_CHECKING:
    import torch

    from trashdata.inference.saved import LoadedModel

# Numbers in a strip of probabilities: 64 MB as float32.
_STRIP = 2**24


@dataclass(frozen=True)
class LoadedModels:
    """A `Predictor` of loaded models; strips hold at most `_STRIP` numbers per view."""

    models: Sequence[LoadedModel]
    tta: Tta

    def __call__(self, photo: Photo) -> Iterator[Views]:
        import torch

        from trashdata.inference.forward import photo_logits

        with torch.inference_mode():
            logits = [photo_logits(model, photo, self.tta) for model in self.models]
        height, width = photo.shape[:2]
        rows = max(1, _STRIP // (logits[0][0].shape[0] * width))
        for start in range(0, height, rows):
            yield _strip(logits, (height, width), start, min(height, start + rows))


def _strip(
    logits: Sequence[Sequence[torch.Tensor]], shape: tuple[int, int], start: int, stop: int
) -> Views:
    import torch

    from trashdata.inference.combine import enlarge_rows

    for model, views in enumerate(logits):
        for view in views:
            with torch.inference_mode():
                probabilities = enlarge_rows(view, shape, start, stop).softmax(dim=0)
            yield model, probabilities.cpu().numpy()
