"""The instances of a new photo as arrays, for models that detect objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trashdata.inference.backend import import_torch

from .geometry import Box
from .planning.scene import Scene


@dataclass(frozen=True)
class Instance:
    """An object of a photo that is at least partly visible.

    ``number``: its value in the instance map; ``area``: its visible pixels; ``window``: the box
    x, y, width, height around it before others covered it.
    """

    number: int
    class_index: int
    crowd: bool
    area: int
    window: Box

    @property
    def rows_and_columns(self) -> tuple[slice, slice]:
        """The window's part of an array (H, W)."""
        x, y, width, height = self.window
        return slice(y, y + height), slice(x, x + width)


@dataclass(frozen=True, eq=False)
class Instances:
    """The N visible objects of a new photo, in the order of the annotations of ``copy-paste``.

    Arrays are computed on first use; whoever needs photo and label map alone pays nothing for
    them. Crowd regions are instances whose entry in ``crowds`` is True: one mask over many
    objects. Ignore regions are no instances; they are 255 in the label map.

    Parameters
    ----------
    map : (H, W) uint8 or uint16, in each pixel the topmost object's number, 0 without an object.
    objects : the instances; numbers of the map that none of them has are ignore regions.
    """

    map: NDArray[np.uint8] | NDArray[np.uint16]
    objects: Sequence[Instance]

    def __len__(self) -> int:
        return len(self.objects)

    @cached_property
    def masks(self) -> NDArray[np.uint8]:
        """Visible pixels of each instance, (N, H, W) uint8, 0 or 1; they don't overlap."""
        masks = np.zeros((len(self.objects), *self.map.shape), dtype=np.uint8)
        for mask, item in zip(masks, self.objects, strict=True):
            mask[item.rows_and_columns] = self._shown(item)
        return masks

    @cached_property
    def boxes(self) -> NDArray[np.float32]:
        """Boxes around the visible pixels: x0, y0, x1, y1 in pixels, (N, 4) float32.

        x1 and y1 are one pixel past the last one, so that the width is x1 - x0 as in COCO.
        """
        boxes = [_visible_box(self._shown(item), item) for item in self.objects]
        return np.array(boxes, dtype=np.float32).reshape(-1, 4)

    @cached_property
    def classes(self) -> NDArray[np.int64]:
        """Classes as in the label map, from 1, (N,) int64."""
        return np.array([item.class_index for item in self.objects], dtype=np.int64)

    @cached_property
    def areas(self) -> NDArray[np.int64]:
        """Visible pixels of each instance, (N,) int64."""
        return np.array([item.area for item in self.objects], dtype=np.int64)

    @cached_property
    def crowds(self) -> NDArray[np.bool_]:
        """Whether each instance is a crowd region, (N,) bool."""
        return np.array([item.crowd for item in self.objects], dtype=np.bool_)

    def _shown(self, item: Instance) -> NDArray[np.bool_]:
        """The visible pixels of an instance in its window."""
        shown: NDArray[np.bool_] = self.map[item.rows_and_columns] == item.number
        return shown

    def torchvision_target(self, image_id: int) -> dict[str, Any]:
        """The target that torchvision's detection models and reference scripts take.

        Crowd regions are left out, as torchvision's own reader of COCO files does for training:
        its models would take them for single objects.

        Returns
        -------
        Tensors ``boxes`` (N, 4) float32, ``labels`` (N,) int64, ``masks`` (N, H, W) uint8,
        ``area`` (N,) float32, ``iscrowd`` (N,) int64, and ``image_id``, a plain int, since the
        reference scripts use it as the key of a dict.

        Raises
        ------
        UserError : PyTorch is not installed.
        """
        torch = import_torch()
        single = Instances(self.map, [item for item in self.objects if not item.crowd])
        return {
            "boxes": torch.from_numpy(single.boxes),
            "labels": torch.from_numpy(single.classes),
            "masks": torch.from_numpy(single.masks),
            "image_id": image_id,
            "area": torch.from_numpy(single.areas.astype(np.float32)),
            "iscrowd": torch.zeros(len(single), dtype=torch.int64),
        }


def scene_instances(scene: Scene) -> Instances:
    """The instances of a finished scene."""
    objects = [
        Instance(number, item.source.class_index, item.source.crowd, item.visible, item.window.box)
        for number, item in enumerate(scene.objects, start=1)
        if item.visible > 0 and not item.source.ignore
    ]
    return Instances(scene.instances, objects)


def _visible_box(shown: NDArray[np.bool_], item: Instance) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of the pixels that show an instance, from those of its window."""
    columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
    x, y = item.window[0] + columns[[0, -1]], item.window[1] + rows[[0, -1]]
    return int(x[0]), int(y[0]), int(x[1]) + 1, int(y[1]) + 1
