"""Photos: all file access goes through here.

OpenCV gives a picture for a JPEG that ends in its middle, turns photos as their EXIF says unless
told not to, and returns None for everything else that goes wrong. Here each of these becomes
either the photo that the JSON describes or one sentence.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from trashdata.coco.document import ImageRecord
from trashdata.errors import UserError, printable

ExifRule = Literal["auto", "apply", "ignore"]
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
_ORIENTATION = 0x0112
_END_OF_IMAGE = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Photo:
    """Pixels (H, W, 3) uint8 BGR, and the SHA-256 of the file they came from."""

    pixels: NDArray[np.uint8]
    sha256: str


def photo_path(root: Path, image: ImageRecord) -> Path:
    """Where the photo of an image is; the reader has checked that the name stays in its root."""
    return root / image.file_name


def read_photo(root: Path, image: ImageRecord, exif: ExifRule = "auto") -> Photo:
    """Read a photo as the JSON describes it.

    Parameters
    ----------
    root : the image root.
    exif : ``auto`` turns the photo by its EXIF where only that fits the JSON's width and height.

    Raises
    ------
    UserError : missing, truncated, not a photo, or of another size.
    """
    path = photo_path(root, image)
    content = _content(path)
    _check_end(path, content)
    flags = cv2.IMREAD_COLOR | (0 if exif == "apply" else cv2.IMREAD_IGNORE_ORIENTATION)
    pixels = _decode(path, content, flags)
    if exif == "auto" and not _fits(pixels, image):
        turned = _decode(path, content, cv2.IMREAD_COLOR)
        pixels = turned if _fits(turned, image) else pixels
    if not _fits(pixels, image):
        raise _wrong_size(path, image, pixels.shape[1], pixels.shape[0])
    return Photo(pixels, hashlib.sha256(content).hexdigest())


def check_photo(root: Path, image: ImageRecord, exif: ExifRule = "auto") -> int:
    """Check a photo without decoding its pixels; the same errors as `read_photo` where possible.

    Returns
    -------
    The EXIF orientation, 1 to 8, if the size leaves open whether it should be applied, else 1.
    """
    path = photo_path(root, image)
    content = _content(path)
    _check_end(path, content)
    try:
        with Image.open(io.BytesIO(content)) as header:
            width, height = header.size
            orientation = int(header.getexif().get(_ORIENTATION, 1))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        found = "something else" if isinstance(error, UnidentifiedImageError) else str(error)
        raise _not_a_photo(path, found) from None
    sides_swap = orientation in (5, 6, 7, 8)
    straight = (width, height) == (image.width, image.height)
    turned = (height, width) == (image.width, image.height)
    fits = {
        "ignore": straight,
        "apply": turned if sides_swap else straight,
        "auto": straight or (sides_swap and turned),
    }
    if not fits[exif]:
        if exif == "apply" and sides_swap:
            width, height = height, width
        raise _wrong_size(path, image, width, height)
    open_question = orientation in (2, 3, 4) or (sides_swap and width == height)
    return orientation if open_question else 1


def encode_jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    """JPEG bytes of (H, W, 3) BGR pixels; quality 0 to 100."""
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"OpenCV could not encode pixels of shape {pixels.shape}")
    return encoded.tobytes()


def _content(path: Path) -> bytes:
    advice = "check --images and the file_name in the JSON"
    try:
        # A named pipe would be waited for without end.
        if path.exists() and not path.is_file():
            raise UserError(
                _name(path), expected="a photo", found="something else than a file", advice=advice
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError(_name(path), expected="a photo", found="no file", advice=advice) from None
    except OSError as error:
        found = error.strerror or str(error)
        raise UserError(_name(path), expected="a photo", found=found, advice=advice) from None


def _name(path: Path) -> str:
    return printable(str(path))


def _decode(path: Path, content: bytes, flags: int) -> NDArray[np.uint8]:
    try:
        pixels = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), flags)
    except cv2.error as error:
        raise _not_a_photo(path, str(error.err)) from None
    if pixels is None:
        raise _not_a_photo(path, "something else")
    return pixels.astype(np.uint8, copy=False)


def _fits(pixels: NDArray[np.uint8], image: ImageRecord) -> bool:
    return pixels.shape[:2] == (image.height, image.width)


def _not_a_photo(path: Path, found: str) -> UserError:
    return UserError(
        _name(path),
        expected="a photo that can be decoded",
        found=found,
        advice="replace the file or drop the image from the JSON",
    )


def _wrong_size(path: Path, image: ImageRecord, width: int, height: int) -> UserError:
    return UserError(
        _name(path),
        expected=f"{image.width} x {image.height} pixels as image {image.id} in the JSON says",
        found=f"{width} x {height}",
        advice="correct width and height, replace the photo, or see --exif",
    )


def _check_end(path: Path, content: bytes) -> None:
    """Refuse an empty file, and a JPEG or PNG that ends in its middle."""
    if not content:
        raise _not_a_photo(path, "an empty file")
    jpeg_cut = content.startswith(b"\xff\xd8") and not _jpeg_is_whole(content)
    png_cut = content.startswith(b"\x89PNG") and b"IEND" not in content[-64:]
    if jpeg_cut or png_cut:
        raise UserError(
            _name(path),
            expected="a whole photo",
            found=f"a file that ends in its middle, after {len(content)} bytes",
            advice="copy or download it again",
        )


def _jpeg_is_whole(content: bytes) -> bool:
    """Whether an end marker follows the first scan (thumbnails in the header have their own)."""
    if content.endswith(_END_OF_IMAGE):
        return _scan_start(content) is not None
    start = _scan_start(content)
    return start is not None and content.find(_END_OF_IMAGE, start) >= 0


def _scan_start(content: bytes) -> int | None:
    """Position of the first start-of-scan marker, walking from segment to segment."""
    position = 2
    while position + 4 <= len(content):
        if content[position] != 0xFF:
            return None
        marker = content[position + 1]
        if marker == 0xDA:
            return position
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            position += 1 if marker == 0xFF else 2
            continue
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return None
