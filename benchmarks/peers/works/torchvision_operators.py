"""Lets torchvision be imported beside a CPU build of torch that can't load its C++ operators.

See pytorch/vision issue 9077; nothing here calls the two operators whose names are missing.
"""

from importlib import import_module
from typing import Any

KEPT: list[Any] = []

try:
    import_module("torchvision")
except RuntimeError as error:
    if "operator torchvision::nms does not exist" not in str(error):
        raise
    library = import_module("torch.library").Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    KEPT.append(library)
