"""Any bytes as a photo: a picture of the size that its header says, or a fault by name."""

from __future__ import annotations

import io
from collections.abc import Iterator

import cv2
import numpy as np
from corpus.base import photo
from PIL import Image

from trashdata.coco.faults import FAULTS
from trashdata.photo_bytes import PhotoError, check_undecoded, decode

MOST_PIXELS = 4_000_000
# Formats whose decoders are the two that every photo set needs; others are OpenCV's affair.
_STARTS = (b"\xff\xd8", b"\x89PNG")

DICTIONARY = (
    *("\xff\xd8", "\xff\xd9", "\xff\xda", "\xff\xc0", "\xff\xc2", "\xff\xe1", "Exif\x00\x00"),
    *("\x89PNG\r\n\x1a\n", "IHDR", "IDAT", "IEND", "eXIf", "II*\x00", "MM\x00*"),
)


def seeds() -> Iterator[bytes]:
    small = photo(1, 16, 12)
    for suffix, flags in (
        (".jpg", []),
        (".jpg", [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
        (".jpg", [cv2.IMWRITE_JPEG_RST_INTERVAL, 1]),
        (".png", []),
    ):
        yield cv2.imencode(suffix, small, flags)[1].tobytes()
    yield cv2.imencode(".png", small.astype(np.uint16) * 257)[1].tobytes()
    turned = Image.Exif()
    turned[0x0112] = 6
    for mode in ("RGB", "L", "CMYK"):
        stream = io.BytesIO()
        Image.fromarray(small).convert(mode).save(stream, "JPEG", exif=turned)
        yield stream.getvalue()
    for mode in ("P", "1", "LA", "RGBA"):
        stream = io.BytesIO()
        Image.fromarray(small).convert(mode).save(stream, "PNG", exif=turned)
        yield stream.getvalue()


def check(data: bytes) -> None:
    if not data.startswith(_STARTS):
        data = _STARTS[len(data) % 2] + data
    fault, pixels = None, None
    try:
        header = check_undecoded(data)
        if header.width * header.height <= MOST_PIXELS:
            pixels = decode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except PhotoError as error:
        fault = error
    if fault is not None:
        assert fault.kind in FAULTS
        assert fault.found
    elif pixels is not None:
        assert pixels.shape == (header.height, header.width, 3)
