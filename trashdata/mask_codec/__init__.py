"""The mask codec: COCO segmentations to bitmaps and back, label maps to PNGs and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .png import encode_label_png, read_label_png
    from .raster import compress_polygons, rasterise
    from .rle import Window, decode_windows
    from .trace import Region, trace_windows

__all__ = [
    "Region",
    "Window",
    "compress_polygons",
    "decode_windows",
    "encode_label_png",
    "rasterise",
    "read_label_png",
    "trace_windows",
]

__getattr__ = exports(
    __name__,
    {
        "Region": "trace",
        "Window": "rle",
        "compress_polygons": "raster",
        "decode_windows": "rle",
        "encode_label_png": "png",
        "rasterise": "raster",
        "read_label_png": "png",
        "trace_windows": "trace",
    },
)
