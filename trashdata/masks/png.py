"""Label maps as 8-bit palette PNGs."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from trashdata.classes import palette
from trashdata.errors import UserError, printable

_FLAT_PALETTE = palette().tobytes()


def encode_label_png(labels: NDArray[np.uint8]) -> bytes:
    """PNG bytes of a (H, W) uint8 label map.

    All 256 palette entries are given: with fewer, Pillow writes 4-bit PNGs. Run-length deflate
    is as fast as PNG gets, and on label maps smaller than the default.
    """
    image = Image.fromarray(labels)
    image.putpalette(_FLAT_PALETTE)
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return stream.getvalue()


def read_label_png(path: Path) -> NDArray[np.uint8]:
    """The (H, W) uint8 class indices of a palette or 8-bit gray PNG.

    Raises
    ------
    UserError : no file, no PNG (a JPEG of that name would have lost labels), broken, or of
        another mode.
    """
    try:
        # Pillow's plugins answer a broken file with any of these.
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
