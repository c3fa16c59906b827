"""Label maps as 8-bit palette PNGs."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trashdata.classes import palette
from trashdata.errors import UserError

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
    """The (H, W) uint8 class indices of a palette or 8-bit gray PNG."""
    advice = "write label maps as 8-bit palette or gray PNGs"
    try:
        with Image.open(path) as image:
            if image.mode not in ("P", "L"):
                raise UserError(
                    str(path),
                    expected="an 8-bit palette or gray PNG",
                    found=f"mode {image.mode}",
                    advice=advice,
                )
            return np.array(image, dtype=np.uint8)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        found = f"a file that can't be read ({error})"
        raise UserError(str(path), expected="a PNG", found=found, advice=advice) from None
