"""Photos that are not there, not whole, not photos, or not as the JSON says."""

from __future__ import annotations

import io
import os
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from .base import HEIGHT, OPEN, WIDTH, Case, encoded, image, kinds, photo, photo_bytes

NAME = "batch_2/0003.jpg"
REFUSED = kinds("preview", "copy-paste")
"""kfold looks at the photos that are there, whatever their size."""


def _bad(name: str, make: Callable[[], bytes], kind: str, says: str) -> Case:
    return Case(name, photo_bytes(make), kinds(kind), f"{NAME}: .*{says}", OPEN)


def _odd(name: str, make: Callable[[], bytes], *found: str, notes: tuple[str, ...] = ()) -> Case:
    return Case(name, photo_bytes(make), kinds(*found), notes=frozenset(notes))


def _pillow(mode: str, form: str, **options: Any) -> bytes:
    """The photo of image 3 in another mode and format."""
    stream = io.BytesIO()
    picture = Image.fromarray(cv2.cvtColor(photo(3), cv2.COLOR_BGR2RGB)).convert(mode)
    picture.save(stream, form, **options)
    return stream.getvalue()


def _with_exif(orientation: int, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    rgb = cv2.cvtColor(photo(3, width, height), cv2.COLOR_BGR2RGB)
    Image.fromarray(rgb).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def _deep(suffix: str, channels: int) -> bytes:
    pixels = photo(3).astype(np.uint16) * 257
    return cv2.imencode(suffix, pixels if channels == 3 else pixels[:, :, 0])[1].tobytes()


def _frames(form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    first, second = (Image.fromarray(photo(number)) for number in (3, 9))
    first.save(stream, form, save_all=True, append_images=[second], duration=100, **options)
    return stream.getvalue()


def _damaged_scan() -> bytes:
    """Bytes in the coded data overwritten, marker bytes left alone."""
    content = bytearray(encoded(3))
    middle = len(content) * 2 // 3
    content[middle : middle + 40] = b"\x55" * 40
    return bytes(content)


def _marker_in_scan() -> bytes:
    content = bytearray(encoded(3))
    middle = len(content) * 2 // 3
    content[middle : middle + 2] = b"\xff\x02"
    return bytes(content)


def _no_tables() -> bytes:
    """A JPEG whose quantisation tables are gone: its header is fine, nothing can be decoded."""
    content = encoded(3)
    while (start := content.find(b"\xff\xdb")) >= 0:
        length = int.from_bytes(content[start + 2 : start + 4], "big")
        content = content[:start] + content[start + 2 + length :]
    return content


def _bad_checksum() -> bytes:
    content = bytearray(encoded(3, ".png"))
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


def png(width: int, height: int, rows: bytes, colour: int = 2) -> bytes:
    """A PNG of any size with these bytes as its compressed rows."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb(colour: int = 2) -> bytes:
    """A few kilobytes that claim to be 100,000 x 100,000 pixels."""
    return png(100_000, 100_000, zlib.compress(bytes(1_000_000)), colour)


def _large_jpeg() -> bytes:
    """The photo with 65,500 x 65,500 written in its header."""
    content = bytearray(encoded(3))
    frame = content.find(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    return bytes(content)


def _replaced(make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Put something else in the photo's place."""

    def spoil(folder: Path) -> None:
        (folder / NAME).unlink()
        make(folder / NAME)

    return spoil


def _linked(folder: Path) -> None:
    """The photo lies elsewhere, and the user has put a link to it here."""
    elsewhere = folder.parent / "elsewhere.jpg"
    shutil.move(folder / NAME, elsewhere)
    (folder / NAME).symlink_to(elsewhere)


def _square_turned(folder: Path) -> None:
    (folder / NAME).write_bytes(_with_exif(6, HEIGHT, HEIGHT))
    image(width=HEIGHT)(folder)


def _turned(folder: Path) -> None:
    """Stored lying, shown upright, and the JSON speaks of what is shown."""
    (folder / NAME).write_bytes(_with_exif(6, HEIGHT, WIDTH))


def _similar() -> bytes:
    return cv2.imencode(".jpg", photo(1), [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes()


CASES = [
    Case(
        "photo missing",
        _replaced(lambda _: None),
        kinds("photo-missing"),
        f"{NAME}: expected a photo, found no file",
        REFUSED,
    ),
    Case(
        "photo a folder",
        _replaced(Path.mkdir),
        kinds("photo-missing"),
        "something else than a file",
        REFUSED,
    ),
    Case(
        "photo a pipe",
        _replaced(os.mkfifo),
        kinds("photo-missing"),
        "something else than a file",
        REFUSED,
    ),
    Case(
        "photo a link to nowhere",
        _replaced(lambda path: path.symlink_to("nowhere.jpg")),
        kinds("photo-missing"),
        "found no file",
        REFUSED,
    ),
    Case(
        "photo a link to itself",
        _replaced(lambda path: path.symlink_to(path.name)),
        kinds("photo-missing"),
        NAME,
        REFUSED,
    ),
    Case("photo a link to a photo elsewhere", _linked, kinds()),
    _bad("photo empty", lambda: b"", "photo-unreadable", "an empty file"),
    _bad("photo text", lambda: b"not a photo", "photo-unreadable", "something else"),
    _bad("photo a page", lambda: b"<!DOCTYPE html>404" * 40, "photo-unreadable", "something else"),
    _bad("photo an SVG", lambda: b"<svg xmlns='x'/>", "photo-unreadable", "something else"),
    _bad(
        "photo HEIC",
        lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400),
        "photo-unreadable",
        "HEIC, which has to be saved as JPEG",
    ),
    _bad("photo cut off", lambda: encoded(3)[:900], "photo-truncated", "ends in its middle"),
    _bad("photo cut in its header", lambda: encoded(3)[:60], "photo-truncated", "ends in its mid"),
    _bad("PNG cut off", lambda: encoded(3, ".png")[:900], "photo-truncated", "ends in its middle"),
    _bad(
        "photo of zeros behind its start",
        lambda: encoded(3)[:300] + bytes(2000),
        "photo-damaged",
        "marker",
    ),
    Case(
        "photo damaged in its middle",
        photo_bytes(_damaged_scan),
        kinds("photo-damaged"),
        f"{NAME}: .*Corrupt JPEG data",
        OPEN,
        late=kinds("copy-paste", "oversample"),
    ),
    _bad("photo with a marker in its data", _marker_in_scan, "photo-damaged", "marker 0x02"),
    _bad("photo without tables", _no_tables, "photo-damaged", "without quantisation tables"),
    _bad("PNG damaged", _bad_checksum, "photo-damaged", "photo with undamaged data"),
    _bad("BMP cut off", lambda: encoded(3, ".bmp")[:900], "photo-unreadable", "decoded"),
    _bad("WebP cut off", lambda: encoded(3, ".webp")[:400], "photo-unreadable", "decoded"),
    _bad("TIFF cut off", lambda: encoded(3, ".tif")[:900], "photo-unreadable", "decoded"),
    _bad("GIF cut off", lambda: _pillow("P", "GIF")[:900], "photo-unreadable", "decoded"),
    Case(
        "PNG of 100,000 x 100,000",
        photo_bytes(bomb),
        kinds("photo-unreadable"),
        "more than [0-9,]+ pixels",
        OPEN,
    ),
    Case(
        "JPEG of 65,500 x 65,500",
        photo_bytes(_large_jpeg),
        kinds("photo-unreadable"),
        "more than [0-9,]+ pixels",
        OPEN,
    ),
    Case(
        "photo of another size",
        photo_bytes(lambda: encoded(3, width=50)),
        kinds("photo-size"),
        "72 x 48 .* found 50 x 48",
        REFUSED,
    ),
    Case("photo turned as its size proves", _turned, kinds(), notes=kinds("photo-turned")),
    Case("photo turned against its size", photo_bytes(lambda: _with_exif(6)), kinds()),
    Case("square photo turned", _square_turned, kinds("photo-turn-open", "bbox-outside")),
    _odd("photo upside down", lambda: _with_exif(3), "photo-turn-open"),
    _odd("photo mirrored", lambda: _with_exif(2), "photo-turn-open"),
    _odd("photo of an unknown turn", lambda: _with_exif(77)),
    _odd("gray photo", lambda: _pillow("L", "JPEG"), notes=("photo-gray",)),
    _odd("black and white PNG", lambda: _pillow("1", "PNG"), notes=("photo-gray",)),
    _odd("photo with alpha", lambda: _pillow("RGBA", "PNG"), "photo-alpha"),
    _odd(
        "gray photo with alpha", lambda: _pillow("LA", "PNG"), "photo-alpha", notes=("photo-gray",)
    ),
    _odd("palette PNG", lambda: _pillow("P", "PNG")),
    _odd("16-bit PNG", lambda: _deep(".png", 3), "photo-16-bit"),
    _odd("gray 16-bit PNG", lambda: _deep(".png", 1), "photo-16-bit", notes=("photo-gray",)),
    _odd("16-bit TIFF", lambda: _deep(".tif", 3), "photo-16-bit"),
    _odd("CMYK photo", lambda: _pillow("CMYK", "JPEG"), "photo-cmyk"),
    _odd("animated GIF", lambda: _frames("GIF"), "photo-animated"),
    _odd("animated WebP", lambda: _frames("WEBP"), "photo-animated"),
    _odd("animated PNG", lambda: _frames("PNG"), "photo-animated"),
    _odd("progressive JPEG", lambda: _pillow("RGB", "JPEG", progressive=True)),
    _odd("JPEG with something behind it", lambda: encoded(3) + b"MPF" * 200),
    _odd("BMP called JPEG", lambda: encoded(3, ".bmp")),
    _odd("WebP called JPEG", lambda: encoded(3, ".webp")),
    _odd("photo twice", lambda: encoded(1), "photo-twice"),
    _odd("photo nearly twice", _similar, notes=("photo-similar",)),
]
