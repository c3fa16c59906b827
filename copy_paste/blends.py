"""Ways to join a pasted object with the photo under it; the labels are the same for all.

To add one, write a function and name it in `BLENDS`; ``--blend`` then offers it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

# The options take their choices from here, so nothing heavy is loaded before a function is called.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Blend = Callable[["Pixels", "Pixels", "Pixels"], "Pixels"]
"""``blend(under, over, mask)`` lays an object over a photo.

``under`` and ``over`` are the photo's window and the donor's pixels for it, (H, W, 3) uint8;
``mask`` is 1 where the object is, (H, W) uint8. The result has the photo's pixels outside of it.
"""

# Odd; the object's edge fades over about half of it.
_FEATHER_PX = 5
# seamlessClone needs some photo around the object.
_FRAME_PX = 3


def replace(under: Pixels, over: Pixels, mask: Pixels) -> Pixels:
    """Take the object's pixels as they are."""
    import numpy as np

    return np.where(mask[:, :, None] != 0, over, under)


def fade(under: Pixels, over: Pixels, mask: Pixels) -> Pixels:
    """Fade the object's edge inwards."""
    import cv2
    import numpy as np

    opacity = feather(mask)
    mixed = cv2.blendLinear(over, under, opacity, 1 - opacity)
    return mixed.astype(np.uint8, copy=False)


def feather(mask: Pixels) -> NDArray[np.float32]:
    """Opacity (H, W) from 0 to 1: 0 outside the mask, 1 a few pixels inside.

    A plain blur of the mask would show the donor photo's background around the object, so only the
    inner half of the slope is kept.
    """
    import cv2
    import numpy as np

    blurred = cv2.GaussianBlur(
        mask * np.uint8(255), (_FEATHER_PX, _FEATHER_PX), 0, borderType=cv2.BORDER_CONSTANT
    )
    return cv2.LUT(blurred * mask, _opacity()).astype(np.float32, copy=False)


@cache
def _opacity() -> NDArray[np.float32]:
    """Opacity by blurred mask: from 0 at 3/8, a little outside the middle of the slope, to 1."""
    import numpy as np

    return np.clip(np.arange(256, dtype=np.float32) / 255 * 1.6 - 0.6, 0, 1).astype(np.float32)


def clone(under: Pixels, over: Pixels, mask: Pixels) -> Pixels:
    """Match the gradients, by OpenCV's seamlessClone.

    Pérez et al. 2003, "Poisson Image Editing", ACM Transactions on Graphics 22.
    """
    import cv2
    import numpy as np

    edge = _FRAME_PX
    frame = (edge, edge, edge, edge)
    canvas = cv2.copyMakeBorder(under, *frame, cv2.BORDER_REPLICATE)
    source = cv2.copyMakeBorder(over, *frame, cv2.BORDER_REPLICATE)
    stencil = cv2.copyMakeBorder(mask * np.uint8(255), *frame, cv2.BORDER_CONSTANT, value=0)
    x, y, width, height = cv2.boundingRect(stencil)
    # seamlessClone centres the stencil's bounding box on this point, rounding down.
    centre = (x + width // 2, y + height // 2)
    cloned = cv2.seamlessClone(source, canvas, stencil, centre, cv2.NORMAL_CLONE)
    inside = cloned[edge:-edge, edge:-edge]
    return np.where(mask[:, :, None] != 0, inside, under).astype(np.uint8, copy=False)


BLENDS: dict[str, Blend] = {
    "none": replace,
    "gaussian": fade,
    "poisson": clone,
}
