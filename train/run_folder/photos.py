"""``photos.json``: the SHA-256 of every photo that a run was trained on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from trashdata.errors import UserError, printable
from trashdata.fingerprints import Fingerprints, Side
from trashdata.provenance import MadeOf

from ..reading.sources import Sources
from .about import write_json

PHOTOS = "photos.json"


class SourceFile(msgspec.Struct, frozen=True, order=True):
    """A photo that synthetic training photos were made of."""

    file_name: str
    sha256: str


class TrainedPhotos(msgspec.Struct, frozen=True):
    """The photos that a run is trained on: SHA-256 by name, and those that synthetic ones were
    made of, which can have any root."""

    photos: dict[str, str] = {}
    sources: tuple[SourceFile, ...] = ()

    def with_sources(self, further: Iterable[tuple[str, str]]) -> TrainedPhotos:
        """The same with further photos that synthetic ones are made of, as names and SHA-256."""
        new = {SourceFile(name, sha256) for name, sha256 in further}
        return TrainedPhotos(self.photos, tuple(sorted({*self.sources, *new})))

    def write(self, folder: Path) -> None:
        """Write ``photos.json``, sorted by name."""
        write_json(folder / PHOTOS, TrainedPhotos(dict(sorted(self.photos.items())), self.sources))


def trained_photos(
    sources: Sources, images: Path, further: Sequence[Side], prints: Fingerprints
) -> TrainedPhotos:
    """The photos of the training files, and those that their synthetic photos were made of.

    Parameters
    ----------
    further : files whose photos fresh pastes are made of, beside the training files.
    prints : of all photos of the files, which must exist.
    """
    root = images.resolve()
    names = sorted({sample.image.file_name for sample in sources.samples})
    photos = {name: prints.prints.sha256[prints.index[root, name]] for name in names}
    sides = [*(Side(source.document, images) for source in sources.train), *further]
    made_of = [
        (source.file_name, digest) for side in sides for source, digest in _digests(side, prints)
    ]
    names_of = {(side.root, image.file_name) for side in further for image in side.document.images}
    # Photos that nothing is cut from may be missing.
    pasted = [(name, prints.sha256(root, name)) for root, name in names_of]
    found = [(name, digest) for name, digest in pasted if digest is not None]
    return TrainedPhotos(photos).with_sources([*made_of, *found])


def _digests(side: Side, prints: Fingerprints) -> Iterable[tuple[MadeOf, str]]:
    rows = prints.source_rows(side)
    for _, made_of in side.made_of:
        digest = made_of.sha256
        if digest is None and made_of in rows:
            digest = prints.prints.sha256[rows[made_of]]
        # Of a photo of an older file that is gone, nothing but its name is known.
        if digest is not None:
            yield made_of, digest


def check_same_photos(folder: Path, photos: TrainedPhotos) -> None:
    """Refuse to resume a run with other photos; runs of older versions have no list of them.

    Raises
    ------
    UserError : names the first photo that differs.
    """
    path = folder / PHOTOS
    if not path.is_file():
        return
    try:
        known = msgspec.json.decode(path.read_bytes(), type=TrainedPhotos)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="the photos that the run was started with",
            found=printable(str(error)),
            advice="start a new run without --resume",
        ) from None
    for name, digest in sorted(photos.photos.items()):
        if known.photos.get(name) != digest:
            raise UserError(
                f"--resume {folder.name}: {printable(name)}",
                expected="the photo of the run",
                found="another one" if name in known.photos else "one that it did not have",
                advice="bring the file back, or start a new run without --resume",
            )
