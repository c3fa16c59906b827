"""Reading photos as their JSON describes them.

OpenCV applies the EXIF orientation by default, and returns pictures for broken files. Here the
result is either the photo that the JSON describes, or an error.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.choices import Exif
from trashdata.coco.document import ImageRecord
from trashdata.coco.faults import refuse
from trashdata.errors import UserError, printable
from trashdata.photo_bytes import Header, PhotoError, check_undecoded, check_whole, decode, load

ExifRule: TypeAlias = Exif
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class Photo:
    """Pixels (H, W, 3) uint8 BGR, and the SHA-256 of the file they came from."""

    pixels: NDArray[np.uint8]
    sha256: str


def photo_path(root: Path, image: ImageRecord) -> Path:
    """Path of an image's photo; the JSON reader has checked that the name stays in its root."""
    return root / image.file_name


def read_photo(root: Path, image: ImageRecord, exif: ExifRule = "auto") -> Photo:
    """Read a photo as the JSON describes it.

    Parameters
    ----------
    root : the image root.
    exif : ``auto`` turns the photo by its EXIF where only that fits the JSON's width and height.

    Raises
    ------
    UserError : missing, truncated, damaged, not a photo, or of another size.
    """
    pixels, content = _read(root, image, exif, cv2.IMREAD_COLOR)
    return Photo(pixels, hashlib.sha256(content).hexdigest())


def read_rgb(root: Path, image: ImageRecord, exif: ExifRule = "auto") -> NDArray[np.uint8]:
    """Pixels (H, W, 3) uint8 RGB of a photo; parameters and errors are those of `read_photo`."""
    return _read(root, image, exif, cv2.IMREAD_COLOR_RGB)[0]


def _read(
    root: Path, image: ImageRecord, exif: ExifRule, colour: int
) -> tuple[NDArray[np.uint8], bytes]:
    path = photo_path(root, image)
    try:
        content = load(path)
        check_whole(content)
        return _pixels(path, content, image, exif, colour), content
    except PhotoError as fault:
        raise photo_error(root, image.file_name, fault) from None


def check_present(root: Path, image: ImageRecord) -> None:
    """Refuse an image without a file; the same error as of `read_photo`, without reading it."""
    if not photo_path(root, image).exists():
        raise photo_error(root, image.file_name, PhotoError("photo-missing", "no file"))


def photo_error(root: Path, file_name: str, fault: PhotoError) -> UserError:
    """The error for a fault of this photo."""
    where = printable(str(root / file_name))
    folder = folder_with(root, file_name) if fault.kind == "photo-missing" else None
    if folder is None:
        return refuse(fault.kind, where, printable(fault.found))
    advice = f"name the folder that holds such a file: --images {folder}"
    return UserError(where, expected="a photo", found=fault.found, advice=advice)


def folder_with(root: Path, file_name: str) -> Path | None:
    """A subfolder of an image root that has this file, if the root itself lacks it."""
    try:
        with os.scandir(root) as entries:
            folders = sorted(entry.path for entry in entries if entry.is_dir())
    except OSError:
        return None
    if os.path.lexists(root / file_name):
        return None
    # Unlike Path.is_file, it raises no error for closed folders or names that are too long.
    return next((Path(path) for path in folders if os.path.isfile(f"{path}/{file_name}")), None)  # noqa: PTH113


def _pixels(
    path: Path, content: bytes, image: ImageRecord, exif: ExifRule, colour: int
) -> NDArray[np.uint8]:
    flags = colour | (0 if exif == "apply" else cv2.IMREAD_IGNORE_ORIENTATION)
    pixels = decode(content, flags)
    if exif == "auto" and not _fits(pixels, image):
        turned = decode(content, colour)
        pixels = turned if _fits(turned, image) else pixels
    if not _fits(pixels, image):
        raise _wrong_size(path, image, pixels.shape[1], pixels.shape[0])
    return pixels


def check_photo(root: Path, image: ImageRecord, exif: ExifRule = "auto") -> int:
    """Check a photo without decoding; the same errors as `read_photo` if possible.

    JPEGs and PNGs are not decoded, so damage in a JPEG's coded data is not found.

    Returns
    -------
    The EXIF orientation, 1 to 8, if the size does not tell whether to apply it, else 1.
    """
    path = photo_path(root, image)
    try:
        header = check_undecoded(load(path))
    except PhotoError as fault:
        raise photo_error(root, image.file_name, fault) from None
    width, height = header.width, header.height
    if not fits_size(header, image, exif):
        if exif == "apply" and sides_swap(header):
            width, height = height, width
        raise _wrong_size(path, image, width, height)
    return header.orientation if turn_is_open(header) else 1


def sides_swap(header: Header) -> bool:
    """Whether the EXIF orientation swaps width and height."""
    return header.orientation in (5, 6, 7, 8)


def fits_size(header: Header, image: ImageRecord, exif: ExifRule = "auto") -> bool:
    """Whether a photo has the JSON's width and height, after EXIF orientation if allowed."""
    straight = (header.width, header.height) == (image.width, image.height)
    turned = (header.height, header.width) == (image.width, image.height)
    fits = {
        "ignore": straight,
        "apply": turned if sides_swap(header) else straight,
        "auto": straight or (sides_swap(header) and turned),
    }
    return fits[exif]


def turn_is_open(header: Header) -> bool:
    """Whether the size does not tell if the EXIF orientation should be applied."""
    square = header.width == header.height
    return header.orientation in (2, 3, 4) or (sides_swap(header) and square)


def encode_jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    """JPEG bytes of (H, W, 3) BGR pixels; quality 0 to 100."""
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"OpenCV could not encode pixels of shape {pixels.shape}")
    return encoded.tobytes()


def _fits(pixels: NDArray[np.uint8], image: ImageRecord) -> bool:
    return pixels.shape[:2] == (image.height, image.width)


def _wrong_size(path: Path, image: ImageRecord, width: int, height: int) -> UserError:
    return UserError(
        printable(str(path)),
        expected=f"{image.width} x {image.height} pixels as image {image.id} in the JSON says",
        found=f"{width} x {height}",
        advice="correct width and height, replace the photo, or see --exif",
    )
