"""Limits of the number and size of photos in a report, which bound its file size."""

from __future__ import annotations

MAX_PHOTOS = 5000

# Number of photos up to which the longest side is so many pixels: at most 5 to 40 MB of pictures.
_SIDES = ((200, 480), (800, 320), (MAX_PHOTOS, 224))


def thumbnail_side(photos: int) -> int:
    """Longest side of photos in the report in pixels, by their number.

    >>> thumbnail_side(200), thumbnail_side(201), thumbnail_side(5000)
    (480, 320, 224)
    """
    return next(side for most, side in _SIDES if photos <= most)
