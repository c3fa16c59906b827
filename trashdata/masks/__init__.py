"""Label maps: what a document paints, and their PNGs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .labelmap import label_map, paint_labels, painting_order
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
    "label_map",
    "paint_labels",
    "painting_order",
    "rasterise",
    "read_label_png",
    "trace_windows",
]

__getattr__ = exports(
    __name__,
    {
        "label_map": "labelmap",
        "paint_labels": "labelmap",
        "painting_order": "labelmap",
        "encode_label_png": "png",
        "read_label_png": "png",
        "compress_polygons": "raster",
        "rasterise": "raster",
        "Window": "rle",
        "decode_windows": "rle",
        "Region": "trace",
        "trace_windows": "trace",
    },
)
