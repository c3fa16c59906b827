"""The models that label: loaded, checked, and as the one function that the first pass calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from trashdata.coco.document import Document
from trashdata.console import Reporter
from trashdata.inference.choices import Tta

from .elsewhere import ModelsOnDisk
from .members import Photo, Predictor, Refine, Views
from .options import PseudoOptions

if TYPE_CHECKING:
    import torch

    from trashdata.inference.saved import LoadedModel

# Numbers in a strip of probabilities: 64 MB as float32.
_STRIP = 2**24


class Origin(msgspec.Struct, frozen=True):
    """Where labels come from: a model, or a file or folder of labels; ``weight``: of a model."""

    name: str
    sha256: str
    weight: float | None = None

    @property
    def short(self) -> str:
        """For the provenance of a single annotation."""
        return f"{self.name}@{self.sha256[:12]}"


@dataclass(frozen=True)
class Models:
    """What predicts photos; ``libraries``: versions that decide what comes out.

    ``portable``: a predictor that does the same on the workers of a cluster, if ``predictor``
    itself is not for sending.
    """

    predictor: Predictor
    origins: Sequence[Origin]
    refine: Refine | None = None
    libraries: Mapping[str, str] = field(default_factory=dict)
    portable: Predictor | None = None

    @property
    def sent(self) -> Predictor:
        """What workers of a cluster predict with."""
        return self.predictor if self.portable is None else self.portable

    @property
    def weights(self) -> list[float]:
        """Of the models, not brought to a sum of 1."""
        return [1.0 if origin.weight is None else origin.weight for origin in self.origins]


def load_models(options: PseudoOptions, document: Document, reporter: Reporter) -> Models:
    """Load the models; the newest run if none is named.

    Raises
    ------
    UserError : a model that is missing or has other classes than the document, see
        `trashdata.inference.ensemble.load_ensemble`.
    """
    from trashdata.inference.backend import model_library_versions
    from trashdata.inference.crf import refine
    from trashdata.inference.ensemble import load_ensemble
    from trashdata.inference.options import EnsembleOptions

    wanted = EnsembleOptions(
        model=options.model,
        tta=options.tta,
        weights=options.weights,
        crf=options.crf,
        device=options.device,
    )
    ensemble = load_ensemble(wanted, document, reporter)
    origins = [
        Origin(model.name, model.sha256, weight)
        for model, weight in zip(ensemble.models, ensemble.weights, strict=True)
    ]
    libraries = model_library_versions()
    files = tuple((str(model.path), model.sha256) for model in ensemble.models)
    return Models(
        predictor=Members(ensemble.models, options.tta),
        origins=origins,
        refine=refine if options.crf else None,
        libraries=libraries,
        portable=ModelsOnDisk(files, options.tta, options.device, tuple(libraries.items())),
    )


@dataclass(frozen=True)
class Members:
    """A `Predictor` of models; a photo's strips hold at most `_STRIP` numbers a view."""

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

    for number, views in enumerate(logits):
        for view in views:
            with torch.inference_mode():
                probabilities = enlarge_rows(view, shape, start, stop).softmax(dim=0)
            yield number, probabilities.cpu().numpy()
