"""Versions of libraries that decide results, read without importing anything heavy."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib import metadata

from trashdata import __version__

# Libraries that read photos, make masks, draw folds and train; they determine the others.
_LIBRARIES = (
    "numpy",
    "opencv-python-headless",
    "opencv-python",
    "pillow",
    "pycocotools",
    "msgspec",
    "scikit-learn",
    "matplotlib",
    "typer",
    "torch",
    "torchvision",
    "segmentation-models-pytorch",
    "timm",
    "pytorch-lightning",
    "albumentations",
    "distributed",
    "pydensecrf2",
    "streamlit",
)


def versions_of(names: Sequence[str]) -> dict[str, str]:
    """trashdata's version and those of these libraries, by name."""
    found = {"trashdata": __version__}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def version_text() -> str:
    """``trashdata X.Y.Z``, then Python and the libraries that are installed, one a line."""
    lines = [f"trashdata {__version__}", _row("Python", platform.python_version())]
    for name in _LIBRARIES:
        try:
            lines.append(_row(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return "\n".join(lines)


def _row(name: str, version: str) -> str:
    return f"  {name:<28} {version}"
