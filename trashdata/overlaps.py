"""Overlaps of two COCO files, which must not be on the two sides of a split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import DONOR_IMAGE_ID, DONOR_JSON, REPEAT_OF
from trashdata.console import Reporter
from trashdata.errors import printable
from trashdata.provenance import MadeOf, Provenance, recorded_sources

if TYPE_CHECKING:
    from trashdata.fingerprints import Fingerprints, Side

_RELATIONS = {
    "same image": "is",
    "same bytes": "is a copy of",
    "near-duplicate": "looks like",
    "background": "has as its background",
    "donor": "holds objects of",
    "repeat": "repeats",
    "near-duplicate of background": "has a background that looks like",
    "near-duplicate of donor": "holds objects of a photo that looks like",
}


@dataclass(frozen=True, order=True)
class Overlap:
    """A photo of each file that should not be on two sides of a split.

    ``kind``: ``same image``, ``same bytes`` or ``near-duplicate``; or ``background``, ``donor`` or
    ``repeat`` where one photo was made from the other, or from a copy of it; or ``near-duplicate of
    background`` or ``near-duplicate of donor`` where the other looks like what one was made from.
    """

    kind: str
    one: int
    one_name: str
    other: int
    other_name: str

    @property
    def is_look_alike(self) -> bool:
        """Whether the photos only look the same; two photos of one scene can."""
        return self.kind.startswith("near-duplicate")

    @property
    def sentence(self) -> str:
        """What one photo is to the other, after ``that it``."""
        return f"{_RELATIONS[self.kind]} {printable(self.other_name)}"


@dataclass(frozen=True)
class Comparison:
    """``overlaps``: of each file with the other one, sorted; ``prints``: of all their photos."""

    overlaps: Sequence[Sequence[Overlap]]
    prints: Fingerprints


def overlaps(
    one: Document,
    other: Document,
    images: Path,
    *,
    allow_look_alikes: bool = False,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> list[Overlap]:
    """All overlaps of two documents, sorted; missing photos are not compared.

    Parameters
    ----------
    images : the root of the photos of both.
    allow_look_alikes : leave out photos that only look the same.
    """
    from trashdata.fingerprints import Side

    compared = compare(
        [Side(one, images)],
        Side(other, images),
        allow_look_alikes=allow_look_alikes,
        workers=workers,
        reporter=reporter,
    )
    return list(compared.overlaps[0])


def compare(
    ones: Sequence[Side],
    other: Side,
    *,
    allow_look_alikes: bool = False,
    workers: int = 1,
    reporter: Reporter | None = None,
    prints: Fingerprints | None = None,
) -> Comparison:
    """The overlaps of each of several files with another one; every photo is read once.

    Photos count as the same by their names, by their bytes and by their looks, under whatever names
    and ids; so do the photos that synthetic photos were made of, as far as they are found.

    Parameters
    ----------
    prints : of photos that were read before; new ones are added.

    Raises
    ------
    UserError : an existing photo can't be decoded.
    """
    from trashdata.fingerprints import Fingerprints

    reporter = reporter or Reporter()
    prints = prints or Fingerprints(workers, reporter)
    sides = [*ones, other]
    for root in dict.fromkeys(side.root for side in sides):
        # At once, since every reading starts workers.
        of_root = [side.document for side in sides if side.root == root]
        prints.read(root, (image.file_name for one in of_root for image in one.images))
    roots = [side.root for side in sides] + [side.document.path.parent.resolve() for side in sides]
    for side in sides:
        prints.read_sources(side, roots)
    _warn_of_missing(ones, other, prints, reporter)
    found = [[*_certain(one, other, prints)] for one in ones]
    alike = _look_alikes(ones, other, prints)
    if not allow_look_alikes:
        found = [[*certain, *similar] for certain, similar in zip(found, alike, strict=True)]
    elif any(alike):
        count = len(set(chain.from_iterable(alike)))
        reporter.warn(f"{count} pairs of photos look alike; --allow-look-alikes lets them be.")
    return Comparison([sorted(set(one)) for one in found], prints)


def _warn_of_missing(
    ones: Sequence[Side], other: Side, prints: Fingerprints, reporter: Reporter
) -> None:
    sides = [*ones, other]
    of_other = {(other.root, image.file_name) for image in other.document.images}
    of_ones = {(one.root, image.file_name) for one in ones for image in one.document.images}
    missing = (of_other ^ of_ones) - prints.index.keys()
    for root in dict.fromkeys(side.root for side in sides):
        count = sum(at == root for at, _ in missing)
        shown = next(side.images for side in sides if side.root == root)
        if count:
            reporter.warn(f"{count} photos are not in {shown}; they are not compared by content.")
    for side in sides:
        sources = {source for _, source in side.made_of}
        count = len(sources - prints.source_rows(side).keys())
        if count:
            reporter.warn(
                f"{side.document.name}: {count} of the {len(sources)} photos that its synthetic"
                f" photos were made of are not in {side.images} as they were; look-alikes of them"
                " are not found."
            )


# --- by names, ids and bytes ----------------------------------------------------------------


def _certain(one: Side, other: Side, prints: Fingerprints) -> Iterator[Overlap]:
    """Overlaps by names, ids and bytes."""
    yield from _same_photos(one, other, prints)
    for kind, a, b in _made_from(one, other, prints):
        yield Overlap(kind, a.id, a.file_name, b.id, b.file_name)
    for kind, b, a in _made_from(other, one, prints):
        yield Overlap(kind, a.id, a.file_name, b.id, b.file_name)


def _same_photos(one: Side, other: Side, prints: Fingerprints) -> Iterator[Overlap]:
    from trashdata.fingerprints import by_bytes

    # Equal file names are the same photo, since files may have been renumbered.
    by_name = {(other.root, image.file_name): image for image in other.document.images}
    copies = by_bytes(other, prints)
    for image in one.document.images:
        same = by_name.get((one.root, image.file_name))
        if same is not None:
            yield Overlap("same image", image.id, image.file_name, same.id, same.file_name)
        for copy in copies.get(prints.sha256(one.root, image.file_name) or "", ()):
            if (one.root, image.file_name) != (other.root, copy.file_name):
                yield Overlap("same bytes", image.id, image.file_name, copy.id, copy.file_name)


def _made_from(
    one: Side, other: Side, prints: Fingerprints
) -> Iterator[tuple[str, ImageRecord, ImageRecord]]:
    """Images of one file that were made from an image of the other, or from a copy of it."""
    from trashdata.fingerprints import by_bytes

    for kind, image, source in _made_from_by_id(one.document, other.document):
        if not _contradicted(image, source, prints.sha256(other.root, source.file_name)):
            yield kind, image, source
    copies, rows = by_bytes(other, prints), prints.source_rows(one)
    names = {image.file_name: image for image in other.document.images}
    for image, made_of in one.made_of:
        digest = made_of.sha256
        if digest is None and made_of in rows:
            digest = prints.prints.sha256[rows[made_of]]
        for source in copies.get(digest or "", ()):
            yield made_of.role, image, source
        source_by_name = names.get(made_of.file_name)
        if source_by_name is not None and _is_it(made_of, digest, source_by_name, other, prints):
            yield made_of.role, image, source_by_name


def _is_it(
    made_of: MadeOf, digest: str | None, image: ImageRecord, side: Side, prints: Fingerprints
) -> bool:
    """Whether a source photo is an image of the same file name."""
    # Photos under two roots may have one name: then the bytes tell, if they are known.
    same_record = (made_of.json, made_of.image_id) == (side.document.name, image.id)
    return same_record or None in (digest, prints.sha256(side.root, image.file_name))


def _made_from_by_id(
    one: Document, other: Document
) -> Iterator[tuple[str, ImageRecord, ImageRecord]]:
    """As `_made_from`, by ids alone, which is all that files of older versions have."""
    provenance = Provenance(one)
    for image in one.images:
        sources: list[tuple[str, int]] = list(provenance.direct(image))
        for annotation in one.annotations_of.get(image.id, []):
            # With ``donor_json``, the id refers to that file.
            if annotation.trashdata.get(DONOR_JSON) == other.name != one.name:
                sources.append(("donor", annotation.trashdata[DONOR_IMAGE_ID]))
        if REPEAT_OF in image.trashdata:
            sources.append(("repeat", image.trashdata[REPEAT_OF]))
        for kind, source in sources:
            # An id is looked up in its own file first, since two files may use the same ids.
            if source not in one.image_by_id and source in other.image_by_id:
                yield kind, image, other.image_by_id[source]


def _contradicted(image: ImageRecord, source: ImageRecord, sha256: str | None) -> bool:
    """Whether the image says that it was made of another photo than ``source`` with this id."""
    recorded = [photo for photo in recorded_sources(image) if photo.image_id == source.id]
    return bool(recorded) and all(
        photo.file_name != source.file_name and None not in (photo.sha256, sha256)
        and photo.sha256 != sha256
        for photo in recorded
    )  # fmt: skip


# --- by looks -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shown:
    """A photo file as part of a COCO file: the file's number, the image, and the role if the
    synthetic image was made of the photo."""

    number: int
    image: ImageRecord
    role: str | None = None


def _look_alikes(ones: Sequence[Side], other: Side, prints: Fingerprints) -> list[list[Overlap]]:
    """Overlaps of each of several files with another by looks."""
    found: list[list[Overlap]] = [[] for _ in ones]
    for one, two in _alike(_shown(ones, prints), _shown([other], prints), prints):
        # Two photos made of look-alikes are no leak.
        if one.role and two.role:
            continue
        role = one.role or two.role
        kind = f"near-duplicate of {role}" if role else "near-duplicate"
        a, b = one.image, two.image
        found[one.number].append(Overlap(kind, a.id, a.file_name, b.id, b.file_name))
    return found


def _alike(
    ones: Mapping[int, Sequence[_Shown]],
    others: Mapping[int, Sequence[_Shown]],
    prints: Fingerprints,
) -> Iterator[tuple[_Shown, _Shown]]:
    for a, b in prints.look_alikes(ones, others):
        yield from ((one, other) for one in ones[a] for other in others[b])


def _shown(sides: Sequence[Side], prints: Fingerprints) -> Mapping[int, list[_Shown]]:
    """By the index of its fingerprint, what each photo file is to the COCO files."""
    shown: dict[int, list[_Shown]] = defaultdict(list)
    for number, side in enumerate(sides):
        for image in side.document.images:
            row = prints.index.get((side.root, image.file_name))
            if row is not None:
                shown[row].append(_Shown(number, image))
        rows = prints.source_rows(side)
        for image, made_of in side.made_of:
            if made_of in rows:
                shown[rows[made_of]].append(_Shown(number, image, made_of.role))
    return shown


# --- within one file ------------------------------------------------------------------------


def sources_within(
    document: Document,
    images: Path,
    *,
    look_alikes: bool,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> Mapping[int, frozenset[int]]:
    """Ids of the images that each synthetic image was made of, found by the bytes of their photos.

    An image is found under whatever id and name. Photos are only read if the document says of a
    synthetic photo which bytes it was made of.

    Parameters
    ----------
    look_alikes : also images that look like a photo that the synthetic image was made of.
    """
    from trashdata.fingerprints import Fingerprints, Side

    side = Side(document, images)
    if not any(made_of.sha256 for _, made_of in side.made_of):
        return {}
    prints = Fingerprints(workers, reporter or Reporter())
    prints.read(side.root, (image.file_name for image in document.images))
    prints.read_sources(side, [side.root, document.path.parent.resolve()])
    found: dict[int, set[int]] = defaultdict(set)
    for _, image, source in _made_from(side, side, prints):
        found[image.id].add(source.id)
    if look_alikes:
        shown = _shown([side], prints)
        for one, other in _alike(shown, shown, prints):
            if one.role and not other.role:
                found[one.image.id].add(other.image.id)
    return {image_id: frozenset(ids) for image_id, ids in found.items()}
