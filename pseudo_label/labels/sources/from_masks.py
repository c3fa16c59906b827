"""Label PNGs of any origin as labels for the photos of a COCO file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trashdata.classes import CLASS_FILE, read_class_file
from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.regions import indices_present
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.mask_codec.png import read_label_png
from trashdata.masks.names import mask_names
from trashdata.palette import IGNORE_INDEX
from trashdata.runs.hashes import file_sha256
from trashdata.runs.workers import run_shards

from ...origin import Origin
from ...predicting.confidence import Labels, Steps
from ..source import GivenLabels, LabelRequest

# Fixed, since the SHA-256 of all masks is one over the SHA-256 of such shards.
_CHECKED_TOGETHER = 50


@dataclass(frozen=True)
class PngLabels:
    """The PNGs' names in ``folder``, by image id."""

    folder: Path
    names: Mapping[int, str]

    def labels(self, index: int, image: ImageRecord) -> tuple[Labels, Steps | None]:  # noqa: ARG002
        """The label map, (H, W) uint8; 255 is unsure."""
        return read_label_png(self.folder / self.names[image.id]), None


@dataclass(frozen=True)
class _Check:
    source: PngLabels
    channels: int
    file: str


def read(path: Path, request: LabelRequest) -> GivenLabels:
    """The labels that ``--from-masks`` names."""
    document = request.document
    names = mask_names(document)
    labels, digest = read_masks(path, document, names, request.workers, request.reporter)
    origin = Origin(path.resolve().name, digest)
    return GivenLabels(labels, origin, [path / name for name in names.values()])


def read_masks(
    folder: Path, document: Document, names: Mapping[int, str], workers: int, reporter: Reporter
) -> tuple[PngLabels, str]:
    """Check the label PNG of every image.

    Parameters
    ----------
    names : the PNGs' names by image id; ``classes.json`` beside them must fit the document.

    Returns
    -------
    The labels, and a SHA-256 over all PNGs.

    Raises
    ------
    UserError : no folder; a PNG that is missing, broken, of another size than its photo, or holds
        an index that is no class; other classes in ``classes.json``.
    """
    if not folder.is_dir():
        raise UserError(
            f"--from-masks {printable(str(folder))}",
            expected="a folder with label PNGs",
            found="a file" if folder.exists() else "nothing",
            advice="check the path",
        )
    _check_class_file(folder / CLASS_FILE, document)
    source = PngLabels(folder, names)
    check = _Check(source, 1 + len(document.class_categories), document.name)
    images = [document.image_by_id[image_id] for image_id in names]
    shards = [
        tuple(images[start : start + _CHECKED_TOGETHER])
        for start in range(0, len(images), _CHECKED_TOGETHER)
    ]
    digests = [""] * len(shards)
    with reporter.progress("Checking masks", len(images)) as tick:
        for number, digest in run_shards(_check_shard, shards, check, workers=workers):
            digests[number] = digest
            tick(len(shards[number]))
    return source, hashlib.sha256("".join(digests).encode()).hexdigest()


def _check_shard(check: _Check, images: tuple[ImageRecord, ...]) -> str:
    digest = hashlib.sha256()
    for image in images:
        path = check.source.folder / check.source.names[image.id]
        labels = read_label_png(path)
        where = printable(str(path))
        if labels.shape != (image.height, image.width):
            raise UserError(
                where,
                expected=f"{image.width} x {image.height} pixels, as image {image.id} in"
                f" {check.file} has",
                found=f"{labels.shape[1]} x {labels.shape[0]}",
                advice="resize it by nearest pixels, or correct the JSON",
            )
        odd = [k for k in indices_present(labels) if k >= check.channels and k != IGNORE_INDEX]
        if odd:
            raise UserError(
                where,
                expected=f"class indices from 0 to {check.channels - 1}, and 255",
                found=f"index {odd[0]}",
                advice=f"correct the mask, or add the class to {check.file}",
            )
        digest.update(file_sha256(path).encode())
    return digest.hexdigest()


def _check_class_file(path: Path, document: Document) -> None:
    """Where the masks say what their indices mean, it must be what the document means."""
    if not path.is_file():
        return
    found = {row.index: row.name for row in read_class_file(path).classes}
    expected = {k: row.name for k, row in enumerate(document.class_categories, start=1)}
    differing = [k for k in sorted(found | expected) if found.get(k) != expected.get(k)]
    if differing:
        index = differing[0]
        raise UserError(
            printable(str(path)),
            expected=f"the classes of {document.name}, where {index} is"
            f" {printable(repr(expected.get(index, 'no class')))}",
            found=f"{printable(repr(found.get(index, 'no class')))}",
            advice="renumber the masks, or pass a --json with the same classes",
        )
