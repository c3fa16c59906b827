"""The bytes of a photo: completeness, header, pixels.

OpenCV returns a picture for a truncated or damaged JPEG, and libjpeg only prints a message on
standard error. Here that becomes a `PhotoError`.
"""

from __future__ import annotations

import io
import os
import re
import struct
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

Result = TypeVar("Result")

_ORIENTATION = 0x0112
# In the entropy-coded data of a JPEG, 0xFF is followed by a stuffed zero or a restart marker.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
# Start of frame: baseline to arithmetic, without tables (C4, CC) and the reserved C8.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SEGMENTS = frozenset({0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})
# Some cameras write a few bytes before the end marker, without harm. Many bytes are left when a
# decoder lost sync in damaged data.
_DAMAGE = re.compile(
    rb"(?:Corrupt JPEG data(?!: (?:\d|1[0-6]) extraneous bytes before marker 0xd9)"
    rb"|Premature end of JPEG file)[^\n]*"
)
_LIBRARY_NOISE = re.compile(
    rb"(?:\[ ?(?:ERROR|WARN|INFO):|libpng (?:error|warning)|Corrupt JPEG data|Premature end of JPEG"
    rb"|Invalid SOS|Inconsistent progression|Warning: unknown JFIF|Unknown Adobe)[^\n]*\n+"
)
_stderr_lock = threading.Lock()


class PhotoError(Exception):
    """A fault of a photo: its ``kind`` in `trashdata.coco.faults.FAULTS`, and what was found."""

    def __init__(self, kind: str, found: str) -> None:
        super().__init__(kind, found)
        self.kind = kind
        self.found = found


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a photo.

    ``mode`` is Pillow's; ``deep``: more than 8 bits a channel; ``orientation``: EXIF's 1 to 8.
    """

    format: str
    mode: str
    deep: bool
    width: int
    height: int
    orientation: int
    animated: bool


def load(path: Path) -> bytes:
    """The bytes of a photo."""
    try:
        # Reading a named pipe could block for ever.
        if path.exists() and not path.is_file():
            raise PhotoError("photo-missing", "something else than a file")
        return path.read_bytes()
    except FileNotFoundError:
        raise PhotoError("photo-missing", "no file") from None
    except (OSError, ValueError) as error:
        raise PhotoError("photo-missing", getattr(error, "strerror", None) or str(error)) from None


def check_whole(content: bytes) -> None:
    """Refuse an empty file, a truncated JPEG or PNG, and damage visible without decoding."""
    if not content:
        raise PhotoError("photo-unreadable", "an empty file")
    if content.startswith(b"\xff\xd8"):
        _check_jpeg(content)
    elif content.startswith(b"\x89PNG"):
        _check_png(content)


def check_undecoded(content: bytes) -> Header:
    """Check a photo without decoding: completeness, and header."""
    check_whole(content)
    header = read_header(content)
    if header.format not in ("JPEG", "MPO", "PNG"):
        # Other formats have no check of completeness.
        decode(content, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return header


def _check_jpeg(content: bytes) -> None:
    """Scan segments and coded data up to the end marker."""
    position, scans, tables = 2, 0, False
    while position + 2 <= len(content):
        if content[position] != 0xFF:
            raise PhotoError("photo-damaged", f"no JPEG marker at byte {position}")
        marker = content[position + 1]
        if marker == 0xD9 and scans:
            return
        if marker == 0xFF:
            position += 1
            continue
        if scans and marker not in _SEGMENTS:
            raise PhotoError("photo-damaged", f"a marker 0x{marker:02x} in its coded data")
        if marker == 0x01 or 0xD0 <= marker <= 0xD9:
            position += 2
            continue
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
        tables |= marker == 0xDB
        if marker == 0xDA:
            if not tables:
                raise PhotoError("photo-damaged", "a JPEG without quantisation tables")
            scans += 1
            found = _MARKER.search(content, position)
            position = found.start() if found else len(content)
    raise _truncated(content)


def _check_png(content: bytes) -> None:
    if b"IEND" not in content[-64:]:
        raise _truncated(content)
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content)) as image:
            image.verify()
    except Image.DecompressionBombError:
        return  # `read_header` says so
    except UnidentifiedImageError:
        raise PhotoError("photo-unreadable", "something else") from None
    except _PILLOW_ERRORS as error:
        raise PhotoError("photo-damaged", str(error)) from None


def _truncated(content: bytes) -> PhotoError:
    found = f"a file that ends in its middle, after {len(content)} bytes"
    return PhotoError("photo-truncated", found)


# Pillow's plugins raise any of these for a broken file.
_PILLOW_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    struct.error,
)


def read_header(source: bytes | Path) -> Header:
    """Read the header of a file, or of its bytes.

    No pixels are decoded, whatever size the header claims.
    """
    try:
        stream = source if isinstance(source, Path) else io.BytesIO(source)
        with warnings.catch_warnings(action="ignore"), Image.open(stream) as image:
            # MPO is a JPEG with small copies in the same file.
            animated = image.format != "MPO" and bool(getattr(image, "is_animated", False))
            width, height = image.size
            name, mode = image.format or "", image.mode
            # Pillow calls 16-bit RGB "RGB"; only the arguments of its decoder show the depth.
            deep = mode[0] in "IF" or ";16" in repr(getattr(image, "tile", ""))
            orientation = _orientation(image)
    except UnidentifiedImageError:
        start = source[:11] if isinstance(source, bytes) else b""
        heic = start[4:8] == b"ftyp" and start[8:] in (b"hei", b"mif")
        found = "HEIC, which has to be saved as JPEG first" if heic else "something else"
        raise PhotoError("photo-unreadable", found) from None
    except Image.DecompressionBombError:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0)
        raise PhotoError("photo-unreadable", f"one of more than {limit:,} pixels") from None
    except _PILLOW_ERRORS as error:
        raise PhotoError("photo-unreadable", str(error) or "a broken header") from None
    return Header(name, mode, deep, width, height, orientation, animated)


def _orientation(image: Image.Image) -> int:
    try:
        value = int(image.getexif().get(_ORIENTATION, 1))
    except _PILLOW_ERRORS:
        return 1
    return value if 1 <= value <= 8 else 1


def decode(content: bytes, flags: int) -> NDArray[np.uint8]:
    """Decode with OpenCV's ``flags`` to (H, W, 3) BGR or (H, W).

    Raises
    ------
    PhotoError : it can't be decoded, is damaged, or is too large for a photo.
    """
    _refuse_bomb(content)
    try:
        pixels, complaint = _listening(
            lambda: cv2.imdecode(np.frombuffer(content, dtype=np.uint8), flags)
        )
    except cv2.error as error:
        raise PhotoError("photo-unreadable", str(error.err)) from None
    if pixels is None:
        raise PhotoError("photo-unreadable", "something else")
    if complaint:
        raise PhotoError("photo-damaged", complaint)
    return pixels.astype(np.uint8, copy=False)


def _refuse_bomb(content: bytes) -> None:
    """Refuse a decompression bomb, before it is decoded."""
    # For a JPEG only the size is needed, which is fast to find.
    size = jpeg_size(content)
    if size is None or size[0] * size[1] > 2 * (Image.MAX_IMAGE_PIXELS or 0):
        read_header(content)


def jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in the first frame header of a JPEG, or None."""
    position = 2
    while content.startswith(b"\xff\xd8") and position + 9 <= len(content):
        if content[position] != 0xFF:
            return None
        marker = content[position + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, position + 5)
            return width, height
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return None


def _listening(action: Callable[[], Result]) -> tuple[Result, str]:
    """Run the action; returns its result, and libjpeg's message about damage.

    The image libraries write to file descriptor 2; their messages are removed, the rest is passed
    on.
    """
    with _stderr_lock:
        saved = os.dup(2)
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        # Text that does not fit into the pipe is lost; the writer does not block.
        os.set_blocking(writing, False)
        os.dup2(writing, 2)
        failed = True
        try:
            result = action()
            failed = result is None
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(writing)
            said = _all_of(reading)
            os.close(reading)
            others = _LIBRARY_NOISE.sub(b"", said)
            # A photo that can't be decoded gets its own error.
            if others and not failed:
                os.write(2, others)
    damage = _DAMAGE.search(said)
    return result, damage.group().decode("ascii", "replace") if damage else ""


def _all_of(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return b""
