"""Joining a pasted object with the photo under it. The labels are the same for every kind."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
BlendKind = Literal["none", "gaussian", "poisson"]

# Odd; the object's edge fades over about half of it.
_FEATHER_PX = 5
# Opacity by blurred mask: from 0 at 3/8, a little outside the middle of the slope, to 1.
_OPACITY = np.clip(np.arange(256, dtype=np.float32) / 255 * 1.6 - 0.6, 0, 1).astype(np.float32)
# seamlessClone needs some photo around the object.
_FRAME_PX = 3


def blend(under: Pixels, over: Pixels, mask: Pixels, kind: BlendKind) -> Pixels:
    """Lay an object over a photo.

    Parameters
    ----------
    under, over : (H, W, 3) uint8, the photo's window and the donor's pixels for it.
    mask : (H, W) uint8, 1 where the object is; nothing outside it changes.
    kind : ``none`` replaces; ``gaussian`` fades the edge inwards; ``poisson`` matches the
        gradients (Pérez et al. 2003, "Poisson Image Editing"), by OpenCV's seamlessClone.
    """
    if kind == "gaussian":
        return _feathered(under, over, mask)
    if kind == "poisson":
        return _poisson(under, over, mask)
    return np.where(mask[:, :, None] != 0, over, under)


def feather(mask: Pixels) -> NDArray[np.float32]:
    """Opacity (H, W) from 0 to 1: 0 outside the mask, rising to 1 within few pixels.

    A plain blur of the mask would let the donor photo's background shine around the object; so
    only the inner half of the slope is kept.
    """
    blurred = cv2.GaussianBlur(
        mask * np.uint8(255), (_FEATHER_PX, _FEATHER_PX), 0, borderType=cv2.BORDER_CONSTANT
    )
    return cv2.LUT(blurred * mask, _OPACITY).astype(np.float32, copy=False)


def _feathered(under: Pixels, over: Pixels, mask: Pixels) -> Pixels:
    opacity = feather(mask)
    mixed = cv2.blendLinear(over, under, opacity, 1 - opacity)
    return mixed.astype(np.uint8, copy=False)


def _poisson(under: Pixels, over: Pixels, mask: Pixels) -> Pixels:
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
