"""Label maps as 8-bit palette PNGs."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from zlib_ng import zlib_ng

from trashdata.errors import UserError, printable
from trashdata.palette import palette

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode_label_png(labels: NDArray[np.uint8]) -> bytes:
    """Encode a (H, W) uint8 label map as PNG, one byte per pixel, with a palette of 256 colours.

    The chunks are those of the PNG specification (W3C, third edition). Pixels are deflated with
    run-length matches only, which is smaller than the default on label maps, and with zlib-ng eight
    times as fast.
    """
    height, width = labels.shape
    # Filter type 0 (none) before each row.
    rows = np.zeros((height, width + 1), dtype=np.uint8)
    rows[:, 1:] = labels
    deflate = zlib_ng.compressobj(1, strategy=zlib_ng.Z_RLE)
    # Eight bits, a palette, and 0 for compression, filter and interlace methods.
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    pixels = deflate.compress(rows) + deflate.flush()
    return b"".join((_SIGNATURE, _chunk(b"IHDR", header), _PALETTE, _chunk(b"IDAT", pixels), _END))


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib_ng.crc32(content, zlib_ng.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


_PALETTE, _END = _chunk(b"PLTE", palette().tobytes()), _chunk(b"IEND", b"")


def read_label_png(path: Path) -> NDArray[np.uint8]:
    """Read the (H, W) uint8 class indices of a palette or 8-bit gray PNG.

    Raises
    ------
    UserError : no file, no PNG (a JPEG would have damaged labels), broken, or of another mode.
    """
    try:
        # Pillow's plugins raise any of these for a broken file.
        with Image.open(path, formats=["PNG"]) as image:
            mode = image.mode
            labels = np.array(image, dtype=np.uint8) if mode in ("P", "L") else None
    except UnidentifiedImageError:
        raise _unreadable(path, "something else") from None
    except FileNotFoundError:
        raise _unreadable(path, "no file") from None
    except (OSError, SyntaxError, ValueError, zlib.error, Image.DecompressionBombError) as error:
        found = f"a file that can't be read ({printable(str(error))})"
        raise _unreadable(path, found) from None
    if labels is None:
        raise UserError(
            printable(str(path)),
            expected="an 8-bit palette or gray PNG",
            found=f"one of {_MODES.get(mode, f'mode {mode}')}",
            advice="save it as class indices, one byte a pixel",
        )
    return labels


_MODES = {
    "1": "1 bit a pixel",
    "I": "16 bits a pixel",
    "I;16": "16 bits a pixel",
    "LA": "gray with transparency",
    "PA": "palette colours with transparency",
    "RGB": "RGB colours",
    "RGBA": "RGB colours with transparency",
}


def _unreadable(path: Path, found: str) -> UserError:
    return UserError(
        printable(str(path)), expected="a PNG", found=found, advice="replace or remove the file"
    )
