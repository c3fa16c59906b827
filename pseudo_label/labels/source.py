"""The protocol of a label source, and the reading of labels that exist already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from trashdata.coco.document import Document, ImageRecord
from trashdata.console import Reporter

from ..options import LABEL_SOURCES, PseudoOptions
from ..origin import Origin
from ..predicting.confidence import Labels, Steps


class LabelSource(Protocol):
    """A source of the labels of photos; small enough to be sent to workers."""

    def labels(self, index: int, image: ImageRecord) -> tuple[Labels, Steps | None]:
        """Label map (H, W) uint8 with 255 for unsure; confidences (C, H, W) or None.

        ``index``: of the photo among those to be labelled.
        """


@dataclass(frozen=True)
class GivenLabels:
    """Labels that exist already, checked; ``files``: the files they are read from."""

    source: LabelSource
    origin: Origin
    files: Sequence[Path]


@dataclass(frozen=True)
class LabelRequest:
    """The photos to read labels for; ``images``: those of the document, each photo once.

    ``workers``: processes that check the labels.
    """

    document: Document
    images: Sequence[ImageRecord]
    options: PseudoOptions
    workers: int
    reporter: Reporter

    @property
    def channels(self) -> int:
        """Number of classes with the background."""
        return 1 + len(self.document.class_categories)


class ReadLabels(Protocol):
    """The function ``read`` of each module in ``labels/sources/`` that an option names."""

    def __call__(self, path: Path, request: LabelRequest) -> GivenLabels:
        """Check all labels in ``path``; a fault is a `UserError`."""


def read_given_labels(request: LabelRequest) -> GivenLabels:
    """Read the labels that one of the `LABEL_SOURCES` names."""
    options = request.options
    name = next(name for name in LABEL_SOURCES if getattr(options, name) is not None)
    read: ReadLabels = import_module(f"{__package__}.sources.{name}").read
    return read(Path(getattr(options, name)), request)
