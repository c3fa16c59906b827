"""Models that workers of a cluster load from shared folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata

from trashdata.errors import UserError, printable
from trashdata.inference.choices import Tta

from .ensemble import Photo, Predictor, Views
from .loaded_models import LoadedModels


@dataclass(frozen=True)
class ModelsOnDisk:
    """A `Predictor` that can be sent to workers: it loads its models where it is called.

    ``files``: path and SHA-256 of each model; ``libraries``: name and version of each library that
    decides the predictions.
    """

    files: tuple[tuple[str, str], ...]
    tta: Tta
    device: str
    libraries: tuple[tuple[str, str], ...]

    def __call__(self, photo: Photo) -> Iterable[Views]:
        return _loaded(self)(photo)


# One, since workers of a long-lived cluster would otherwise accumulate models.
@lru_cache(maxsize=1)
def _loaded(models: ModelsOnDisk) -> Predictor:
    from trashdata.inference.backend import import_smp, pick_device
    from trashdata.inference.saved import load_model

    for name, wanted in models.libraries:
        _refuse_different(f"{name} on a worker", wanted, _version(name))
    import_smp()
    device = pick_device(models.device)
    loaded = [load_model(path) for path, _ in models.files]
    for model, (path, digest) in zip(loaded, models.files, strict=True):
        _refuse_different(f"{printable(path)} on a worker", digest, model.sha256)
        model.module.to(device)
    return LoadedModels(loaded, models.tta)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def _refuse_different(where: str, wanted: str, found: str) -> None:
    if found != wanted:
        raise UserError(
            where,
            expected=f"{wanted}, as where the command was started",
            found=found,
            advice="install the same versions on all machines, and let them see the same folders",
        )
