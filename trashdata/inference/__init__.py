"""Models: building, saving, loading, running and scoring them.

torch and segmentation-models-pytorch are imported inside functions, so that importing a module of
this package is fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .architectures import ModelSpec, build_model
    from .confusion import Scores
    from .ensemble import load_ensemble
    from .options import EnsembleOptions
    from .predictor import Ensemble, Prediction, evaluate_ensemble, evaluate_model
    from .resolution import Resolution
    from .saved import LoadedModel, ModelCard, load_model, save_model

__all__ = [
    "Ensemble",
    "EnsembleOptions",
    "LoadedModel",
    "ModelCard",
    "ModelSpec",
    "Prediction",
    "Resolution",
    "Scores",
    "build_model",
    "evaluate_ensemble",
    "evaluate_model",
    "load_ensemble",
    "load_model",
    "save_model",
]

__getattr__ = exports(
    __name__,
    {
        "ModelSpec": "architectures",
        "build_model": "architectures",
        "Scores": "confusion",
        "EnsembleOptions": "options",
        "load_ensemble": "ensemble",
        "Ensemble": "predictor",
        "Prediction": "predictor",
        "evaluate_ensemble": "predictor",
        "evaluate_model": "predictor",
        "Resolution": "resolution",
        "LoadedModel": "saved",
        "ModelCard": "saved",
        "load_model": "saved",
        "save_model": "saved",
    },
)
