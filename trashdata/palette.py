"""Values of label maps, and their colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

IGNORE_INDEX = 255
"""Value of ignored pixels in a label map: neither trained on nor scored."""

# Ten colours that differ also in lightness, for red-green and blue-yellow colour blindness; after
# Paul Tol's "muted" scheme (https://sronpersonalpages.nl/~pault/).
_BASE = (
    (136, 204, 238),
    (204, 102, 119),
    (221, 204, 119),
    (17, 119, 51),
    (51, 34, 136),
    (170, 68, 153),
    (68, 170, 153),
    (153, 153, 51),
    (245, 70, 0),
    (136, 34, 85),
)


def palette() -> NDArray[np.uint8]:
    """RGB of every class index, (256, 3): 0 is black, 255 light gray."""
    colours = np.zeros((256, 3), dtype=np.uint8)
    for index in range(1, 255):
        red, green, blue = _BASE[(index - 1) % len(_BASE)]
        turn = (index - 1) // len(_BASE)
        # Further rounds are mixed with white or dark gray, alternately, then their channels are
        # swapped.
        colour = ((red, green, blue), (blue, red, green), (green, blue, red))[turn // 3 % 3]
        towards, share = ((0, 0.0), (255, 0.45), (48, 0.45))[turn % 3]
        colours[index] = [round(c + (towards - c) * share) for c in colour]
    colours[255] = (224, 224, 224)
    return colours
