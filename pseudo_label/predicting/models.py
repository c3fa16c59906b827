"""The models that predict, loaded and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trashdata.coco.document import Document
from trashdata.console import Reporter

from ..options import PseudoOptions
from ..origin import Origin
from .ensemble import Predictor, Refine
from .loaded_models import LoadedModels
from .models_on_disk import ModelsOnDisk


@dataclass(frozen=True)
class Models:
    """Models that predict photos; ``libraries``: the versions that decide the predictions.

    ``portable``: a predictor with the same results that can be sent to the workers of a cluster, if
    ``predictor`` can't.
    """

    predictor: Predictor
    origins: Sequence[Origin]
    refine: Refine | None = None
    libraries: Mapping[str, str] = field(default_factory=dict)
    portable: Predictor | None = None

    @property
    def sent(self) -> Predictor:
        """The predictor for the workers of a cluster."""
        return self.predictor if self.portable is None else self.portable

    @property
    def weights(self) -> list[float]:
        """Weights of the models, not normalised."""
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
        predictor=LoadedModels(ensemble.models, options.tta),
        origins=origins,
        refine=refine if options.crf else None,
        libraries=libraries,
        portable=ModelsOnDisk(files, options.tta, options.device, tuple(libraries.items())),
    )
