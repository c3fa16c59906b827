"""The resolution of a model: chosen in training, stored in the model card, used in prediction.

A photo is either resized (long side to ``size``, padded below and on the right to a multiple of
`STRIDE` or to a square), or read at full size in overlapping windows of ``size``.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.errors import UserError
from trashdata.inference.mode import Mode

Rgb: TypeAlias = tuple[float, float, float]
Pixels: TypeAlias = NDArray[np.uint8]

STRIDE = 32
"""Encoders halve a photo five times, so that sides are multiples of this."""
# PAN pools its deepest features three times more.
_LEAST_SIDE = 128


class Resolution(msgspec.Struct, frozen=True):
    """How photos are brought to a model's size.

    ``mode``: ``resize`` the whole photo or read it in ``windows``; ``size``: the side of the
    model's input in pixels, a multiple of `STRIDE`; ``overlap``: of neighbouring windows, as a
    share of their side, from 0 to under 1; ``square``: whether a resized photo is padded to a
    square, as some encoders need, and not only to a multiple of `STRIDE`, which is faster.
    """

    mode: Mode = "resize"
    size: int = 512
    overlap: float = 0.5
    square: bool = True

    def __post_init__(self) -> None:
        if self.size < STRIDE or self.size % STRIDE:
            below = max(STRIDE, self.size // STRIDE * STRIDE)
            raise UserError(
                f"--size {self.size}",
                expected=f"a multiple of {STRIDE}, which encoders need",
                found=str(self.size),
                advice=f"try {below} or {below + STRIDE}",
            )
        if not 0 <= self.overlap < 1:
            raise UserError(
                f"--overlap {self.overlap:g}",
                expected="a share from 0 to under 1",
                found=f"{self.overlap:g}",
                advice="try 0.5",
            )


def scaled_shape(height: int, width: int, size: int) -> tuple[int, int]:
    """Height and width after resizing the long side to ``size``, each at least 1 pixel.

    >>> scaled_shape(300, 400, 512), scaled_shape(512, 512, 512)
    ((384, 512), (512, 512))
    """
    scale = size / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def fit_photo(photo: Pixels, resolution: Resolution) -> Pixels:
    """The photo (H, W, 3) uint8 at the model's scale, without padding.

    Shrunk by averaging areas, enlarged by bilinear interpolation; unchanged for ``windows``.
    """
    shape = (photo.shape[0], photo.shape[1])
    target = content_shape(shape, resolution)
    if shape == target:
        return photo
    how = cv2.INTER_AREA if target[0] < shape[0] else cv2.INTER_LINEAR
    return cv2.resize(photo, target[::-1], interpolation=how).astype(np.uint8, copy=False)


def fit_labels(labels: Pixels, resolution: Resolution) -> Pixels:
    """The label map (H, W) uint8 at the model's scale, without padding: nearest pixels."""
    shape = (labels.shape[0], labels.shape[1])
    target = content_shape(shape, resolution)
    if shape == target:
        return labels
    resized = cv2.resize(labels, target[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    return resized.astype(np.uint8, copy=False)


def normalise(photo: Pixels, mean: Rgb, std: Rgb) -> NDArray[np.float32]:
    """Normalise (H, W, 3) uint8 RGB to (3, H, W) float32: value / 255, minus mean, over std."""
    scale = (1 / (255 * np.asarray(std))).astype(np.float32)
    shift = (-np.asarray(mean) / np.asarray(std)).astype(np.float32)
    planes = np.ascontiguousarray(photo.transpose(2, 0, 1)).astype(np.float32)
    planes *= scale[:, None, None]
    planes += shift[:, None, None]
    return planes


def pad_photo(planes: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Pad (3, h, w), normalised, below and on the right to ``shape``, with the mean."""
    _, height, width = planes.shape
    if (height, width) == shape:
        return planes
    padded = np.zeros((3, *shape), dtype=np.float32)
    padded[:, :height, :width] = planes
    return padded


def prepare(photo: Pixels, resolution: Resolution, mean: Rgb, std: Rgb) -> NDArray[np.float32]:
    """A photo as input of a model.

    Parameters
    ----------
    photo : (H, W, 3) uint8 RGB.
    mean, std : per channel, for values from 0 to 1.

    Returns
    -------
    (3, h, w) float32, with h, w of `padded_shape`. The photo fills the upper left part, of size
    `content_shape`.
    """
    planes = normalise(fit_photo(photo, resolution), mean, std)
    return pad_photo(planes, padded_shape((planes.shape[1], planes.shape[2]), resolution))


def content_shape(shape: tuple[int, int], resolution: Resolution) -> tuple[int, int]:
    """Height and width that a photo of this shape fills in the result of `prepare`."""
    if resolution.mode == "windows":
        return shape
    return scaled_shape(shape[0], shape[1], resolution.size)


def padded_shape(content: tuple[int, int], resolution: Resolution) -> tuple[int, int]:
    """Height and width of a model's input for a photo that fills ``content`` of it.

    For ``windows`` both are at least the size, since windows are cut from it.

    >>> padded_shape((180, 256), Resolution("resize", 256, square=False))
    (192, 256)
    >>> padded_shape((180, 256), Resolution("resize", 256))
    (256, 256)
    """
    size = resolution.size
    if resolution.mode == "windows" or resolution.square:
        return max(size, content[0]), max(size, content[1])
    least = min(size, _LEAST_SIDE)
    height, width = (max(least, -(-side // STRIDE) * STRIDE) for side in content)
    return height, width


def window_starts(length: int, size: int, overlap: float) -> list[int]:
    """Starts of windows of ``size`` that cover ``length`` evenly.

    >>> window_starts(100, 64, 0.5), window_starts(64, 64, 0.5), window_starts(128, 64, 0)
    ([0, 18, 36], [0], [0, 64])
    """
    if length <= size:
        return [0]
    step = max(1.0, size * (1 - overlap))
    count = 1 + int(np.ceil((length - size) / step))
    return [round(start) for start in np.linspace(0, length - size, count).tolist()]


def window_weight(size: int) -> NDArray[np.float32]:
    """Weights of a window's pixels, (size, size) float32, falling towards its border.

    >>> window_weight(4)[1].tolist()
    [2.0, 4.0, 4.0, 2.0]
    """
    ramp = np.minimum(np.arange(1, size + 1), np.arange(size, 0, -1)).astype(np.float32)
    return np.outer(ramp, ramp)
