"""Imports of torch and segmentation-models-pytorch, with a fix of torchvision."""

from __future__ import annotations

import os
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

from trashdata.errors import UserError

if TYPE_CHECKING:
    from torch import device

# Their versions decide probabilities.
_LIBRARIES = ("torch", "segmentation-models-pytorch", "timm")

# The definitions live as long as this reference does.
_defined: list[Any] = []


def import_torch() -> Any:
    """Import torch; without it, raise an error that says how to install it."""
    try:
        return import_module("torch")
    except ModuleNotFoundError as error:
        raise _missing(error) from None


def import_smp() -> Any:
    """Import segmentation_models_pytorch; without it, raise an error that says how to install it.

    Notes
    -----
    A CPU build of torch beside a torchvision that can't load its C++ operators fails at import
    (pytorch/vision issue 9077). The two operators for which torchvision then registers fake kernels
    are not used here, so it is enough to define their names.
    """
    # Otherwise albumentations, which training imports, checks for updates over the network.
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import_torch()
    try:
        return import_module("segmentation_models_pytorch")
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    except RuntimeError as error:
        if "operator torchvision::nms does not exist" not in str(error) or _defined:
            raise
    _define_torchvision_operators()
    return import_module("segmentation_models_pytorch")


def _define_torchvision_operators() -> None:
    from torch.library import Library

    library: Any = Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _defined.append(library)


def _missing(error: ModuleNotFoundError) -> UserError:
    return UserError(
        "models",
        expected="PyTorch and segmentation-models-pytorch to be installed",
        found=f"no module {error.name}",
        advice="run pip install 'trashdata[train]'",
    )


def model_library_versions() -> dict[str, str]:
    """The versions of the libraries that decide predictions."""
    return {name: metadata.version(name) for name in _LIBRARIES}


def pick_device(name: str = "auto") -> device:
    """The device of this name; ``auto`` is the first CUDA device, or the CPU without one.

    Raises
    ------
    UserError : this machine has no such device.
    """
    torch = import_torch()
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise UserError(
            f"--device {name}",
            expected="auto, cpu, or a device that this machine has, such as cuda or cuda:1",
            found="none of that name",
            advice="omit --device to take what this machine has",
        ) from None
    found: device = torch.device(name)
    return found
