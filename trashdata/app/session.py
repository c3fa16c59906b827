"""The models of the page, loaded once, and their predictions."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord
from trashdata.console import Reporter
from trashdata.inference.ensemble import load_ensemble
from trashdata.inference.options import EnsembleOptions
from trashdata.inference.predictor import Ensemble, Prediction
from trashdata.inference.saved import card_of, find_run
from trashdata.mask_codec.png import encode_label_png
from trashdata.photos import ExifRule

from .downloads import coco_file, document_of
from .overlay import ClassShare, class_shares
from .upload import photo_name, read_upload


@dataclass(frozen=True)
class Session:
    """Loaded models; ``document``: has their classes and nothing else."""

    ensemble: Ensemble
    document: Document
    exif: ExifRule = "auto"
    # One photo at a time: two at once would only slow each other down.
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def class_names(self) -> list[str]:
        """Names of the classes, from index 1."""
        return [category.name for category in self.document.class_categories]

    @property
    def origins(self) -> list[str]:
        """Name and hash of each model, for the provenance."""
        return [f"{model.name}@{model.sha256[:12]}" for model in self.ensemble.models]

    def ask(self, name: str, content: bytes) -> Answer:
        """Predict a photo from its bytes.

        Raises
        ------
        UserError : the photo can't be read.
        """
        photo = read_upload(name, content, self.exif)
        with self._turn:
            return Answer(photo_name(name), photo, self.ensemble.predict(photo), self)


@dataclass(frozen=True)
class Answer:
    """A photo (H, W, 3) uint8 RGB, and its prediction."""

    name: str
    photo: NDArray[np.uint8]
    found: Prediction
    session: Session

    @property
    def stem(self) -> str:
        """The photo's name without its ending."""
        return PurePosixPath(self.name).stem

    @cached_property
    def shares(self) -> Sequence[ClassShare]:
        """Share of the photo of each class."""
        return class_shares(self.found.labels, self.session.class_names)

    @cached_property
    def mask_png(self) -> bytes:
        """The label map as ``trashdata predict`` writes it."""
        return encode_label_png(self.found.labels)

    @cached_property
    def coco_json(self) -> bytes:
        """The regions as a COCO file."""
        height, width = self.found.labels.shape
        image = ImageRecord(1, self.name, width, height)
        return coco_file(self.session.document, image, self.found, self.session.origins)


def open_session(
    options: EnsembleOptions, exif: ExifRule = "auto", reporter: Reporter | None = None
) -> Session:
    """Load the models.

    Raises
    ------
    UserError : a missing model, or models of different classes.
    """
    first = find_run(options.model[0] if options.model else None)
    document = document_of(card_of(first))
    return Session(load_ensemble(options, document, reporter or Reporter()), document, exif)


_session: list[Session] = []


def serve_with(session: Session) -> None:
    """Set the session of the page, whose script the server runs in this process."""
    _session[:] = [session]


def current() -> Session:
    """The session of the page."""
    return _session[0]
