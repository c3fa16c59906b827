"""The files under test, and the way round a torchvision that can't load its operators."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest
from pycocotools.coco import COCO

SETS = Path(os.environ.get("INTEROP_SETS", "."))
FORMS = ("polygon", "rle")

# FiftyOne asks the network otherwise.
os.environ.setdefault("FIFTYONE_DO_NOT_TRACK", "1")


def declare_operators() -> None:
    """Beside a CPU-only torch, torchvision's import needs two operators declared first."""
    import torch

    try:
        import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float threshold) -> Tensor")
        _kept_alive.append(library)


_kept_alive: list[object] = []


@pytest.fixture(params=[f"{command}_{form}" for command in ("pasted", "traced") for form in FORMS])
def path(request: pytest.FixtureRequest) -> Path:
    """A COCO file that trashdata wrote; its photos lie beside it."""
    file = SETS / f"{request.param}.json"
    assert file.is_file(), "make the files with 'make interop'"
    return file


@pytest.fixture
def truth(path: Path) -> COCO:
    """The file as pycocotools reads it: our truth for what a segmentation covers."""
    return COCO(str(path))
