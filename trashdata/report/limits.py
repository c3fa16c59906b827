"""How many photos a report shows, and how large: what bounds the size of its file."""

from __future__ import annotations

MAX_PHOTOS = 5000

# Photos up to which the longest side is so many pixels: some 5 to 40 MB of pictures at most.
_SIDES = ((200, 480), (800, 320), (MAX_PHOTOS, 224))


def thumbnail_side(photos: int) -> int:
    """Longest side in pixels that photos have in the report, by how many it shows.

    >>> thumbnail_side(200), thumbnail_side(201), thumbnail_side(5000)
    (480, 320, 224)
    """
    return next(side for most, side in _SIDES if photos <= most)
