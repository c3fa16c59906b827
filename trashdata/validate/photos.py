"""Checks of every photo of a file: existence, completeness, size, and format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2

from trashdata.coco.document import ImageRecord
from trashdata.coco.keys import BACKGROUND_IMAGE_ID, REPEAT_OF
from trashdata.console import Reporter
from trashdata.duplicates import near_duplicates, read_prints, same_bytes
from trashdata.errors import printable
from trashdata.names import leaves_root
from trashdata.photo_bytes import Header, PhotoError, check_whole, decode, load, read_header
from trashdata.photos import fits_size, turn_is_open
from trashdata.runs.workers import run_shards

from .findings import Finding

_SHARD = 20
_MEANINGS = {1: "", 2: "mirrored", 3: "upside down", 4: "upside down and mirrored"}


def photo_findings(
    sound: Sequence[ImageRecord | None],
    root: Path,
    *,
    workers: int,
    scheduler: str | None = None,
    reporter: Reporter,
) -> list[Finding]:
    """Faults of all photos of image records; a repeated photo is opened once.

    ``scheduler``: of a Dask cluster that opens them.
    """
    first: dict[str, int] = {}
    for index, image in enumerate(sound):
        if image is not None and not leaves_root(image.file_name):
            first.setdefault(image.file_name, index)
    indices = list(first.values())
    images = [image for index in indices if (image := sound[index]) is not None]
    faults = _check_all(images, root, workers, scheduler, reporter)
    findings = [
        Finding(kind, found, "images", index, str(image.id))
        for index, image, pairs in zip(indices, images, faults, strict=True)
        for kind, found in pairs
    ]
    whole = [k for k, pairs in enumerate(faults) if not _BROKEN & {kind for kind, _ in pairs}]
    origin = _origins(images)
    for kind, one, two in _pairs([images[k] for k in whole], root, workers, scheduler, reporter):
        other, index = images[whole[one]], indices[whole[two]]
        if kind == "photo-similar" and origin[other.id] == origin[images[whole[two]].id]:
            continue  # pasted onto one photo, as both records say
        found = f"the photo of image {other.id}, {printable(other.file_name)}"
        findings.append(Finding(kind, found, "images", index, str(images[whole[two]].id)))
    return findings


def _origins(images: Sequence[ImageRecord]) -> dict[int, int]:
    """By image id, the id of the real photo that its backgrounds and repeats lead to."""
    by_id = {image.id: image for image in images}
    origins = {}
    for image in images:
        end, seen = image.id, {image.id}
        while end in by_id:
            provenance = by_id[end].trashdata
            source = provenance.get(BACKGROUND_IMAGE_ID, provenance.get(REPEAT_OF))
            if not isinstance(source, int) or source in seen:
                break
            seen.add(source)
            end = source
        origins[image.id] = end
    return origins


_BROKEN = {"photo-missing", "photo-truncated", "photo-damaged", "photo-unreadable"}
_Faults = list[tuple[str, str]]


def _check_all(
    images: Sequence[ImageRecord],
    root: Path,
    workers: int,
    scheduler: str | None,
    reporter: Reporter,
) -> list[_Faults]:
    shards = [tuple(images[k : k + _SHARD]) for k in range(0, len(images), _SHARD)]
    results: dict[int, list[_Faults]] = {}
    with reporter.progress("Photos", len(images)) as tick:
        done = run_shards(_check_shard, shards, root, workers=workers, scheduler=scheduler)
        for number, faults in done:
            results[number] = faults
            tick(len(faults))
    return [faults for number in range(len(shards)) for faults in results[number]]


def _check_shard(root: Path, shard: tuple[ImageRecord, ...]) -> list[_Faults]:
    return [list(photo_faults(root / image.file_name, image)) for image in shard]


def photo_faults(path: Path, image: ImageRecord) -> Iterator[tuple[str, str]]:
    """Faults of a photo, which is decoded: their kinds, and what was found."""
    try:
        content = load(path)
        check_whole(content)
        header = read_header(content)
        if not fits_size(header, image):
            size, said = (header.width, header.height), (image.width, image.height)
            yield "photo-size", f"{size[0]} x {size[1]} where the JSON says {said[0]} x {said[1]}"
        else:
            yield from _turns(header, image)
        yield from _oddities(header)
        decode(content, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except PhotoError as error:
        yield error.kind, f"{printable(error.found)} ({printable(image.file_name)})"


def _turns(header: Header, image: ImageRecord) -> Iterator[tuple[str, str]]:
    meaning = _MEANINGS.get(header.orientation, "turned by a quarter")
    found = f"EXIF orientation {header.orientation}, {meaning}"
    if turn_is_open(header):
        yield "photo-turn-open", found
    elif (header.width, header.height) != (image.width, image.height):
        yield "photo-turned", found


def _oddities(header: Header) -> Iterator[tuple[str, str]]:
    found = f"{header.format} of mode {header.mode}"
    if header.deep:
        yield "photo-16-bit", found
    if header.animated:
        yield "photo-animated", found
    if header.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        yield "photo-alpha", found
    if header.mode in ("CMYK", "YCCK"):
        yield "photo-cmyk", found
    if header.mode in ("1", "L", "LA", "La", "I", "F") or header.mode.startswith("I;"):
        yield "photo-gray", found


def _pairs(
    images: Sequence[ImageRecord],
    root: Path,
    workers: int,
    scheduler: str | None,
    reporter: Reporter,
) -> Iterator[tuple[str, int, int]]:
    """Pairs of duplicates and near-duplicates, each photo with the first of its kind."""
    names = [image.file_name for image in images]
    prints = read_prints(root, names, workers=workers, scheduler=scheduler, reporter=reporter)
    equal = {two: one for one, two in same_bytes(prints)}
    for two, one in equal.items():
        yield "photo-twice", one, two
    seen: set[int] = set(equal)
    for one, two in near_duplicates(prints).tolist():
        # One finding per photo, without near-duplicates that have equal bytes.
        if two not in seen and one not in equal:
            seen.add(two)
            yield "photo-similar", one, two
