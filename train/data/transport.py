"""How the workers of loaders send photos: through shared memory, or through pipes.

Tensors go through shared memory, which a plain Docker container has 64 MB of: five validation
photos of 12 megapixels in flight are more. Arrays are pickled, and go through pipes.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import default_collate

from trashdata.errors import UserError

from .dataset import Colour, Example, pad

_SHARED = Path("/dev/shm")
_SPARE = 2
"""Shared memory must have room for so many times what is in flight: others use it as well."""


def shared_memory_left() -> int | None:
    """Free bytes of shared memory; None where it is no file system of a fixed size."""
    return shutil.disk_usage(_SHARED).free if _SHARED.is_dir() else None


def in_flight(workers: int, batch_bytes: int) -> int:
    """Bytes of a loader's batches that are made, waiting or in use, at most.

    >>> in_flight(2, 48_000_000)  # photos of 12 megapixels with their labels
    288000000
    """
    # Each worker is two ahead; one is in use, and one is on its way to the device.
    return (2 * workers + 2) * batch_bytes if workers else 0


def has_room(wanted: int, left: int | None) -> bool:
    """Whether so many bytes in flight can go through shared memory with ``left`` free bytes.

    >>> has_room(40_000_000, 64 * 2**20), has_room(40_000_000, None)
    (False, True)
    """
    return left is None or _SPARE * wanted <= left


def collate(examples: list[Example | UserError], fill: Colour) -> Any:
    """A batch of tensors, padded to the largest photo, or the first error among the examples."""
    items = _of_one_size(examples, fill)
    return items if isinstance(items, UserError) else default_collate(items)


def collate_arrays(examples: list[Example | UserError], fill: Colour) -> Any:
    """As `collate`, of arrays; `as_tensors` makes tensors of it."""
    items = _of_one_size(examples, fill)
    if isinstance(items, UserError):
        return items
    # torch's function puts the batch into shared memory at once.
    return [np.stack(parts) for parts in zip(*items, strict=True)]


def _of_one_size(examples: list[Example | UserError], fill: Colour) -> list[Example] | UserError:
    items: list[Example] = []
    for example in examples:
        if isinstance(example, UserError):
            return example
        items.append(example)
    height = max(labels.shape[0] for _, labels, _ in items)
    width = max(labels.shape[1] for _, labels, _ in items)
    return [(*pad(photo, labels, (height, width), fill), index) for photo, labels, index in items]


def as_tensors(batch: Any) -> Any:
    """A batch of tensors, whichever way it came."""
    return batch if isinstance(batch, UserError) else [torch.as_tensor(part) for part in batch]
