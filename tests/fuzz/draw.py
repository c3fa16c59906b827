"""Values out of a fuzzer's bytes, the same ones with and without the fuzzer installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")


class Draw:
    """Takes values from the front of some bytes; zeros when they are used up."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def bytes(self, count: int) -> bytes:
        taken = self.data[self.place : self.place + count]
        self.place += count
        return taken + bytes(count - len(taken))

    def rest(self) -> bytes:
        return self.data[self.place :]

    def integer(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        size = max(1, (int(high - low).bit_length() + 7) // 8)
        return low + int.from_bytes(self.bytes(size), "little") % (high - low + 1)

    def one_of(self, items: Sequence[Item]) -> Item:
        return items[self.integer(0, len(items) - 1)]

    def real(self) -> float:
        """Any 64-bit number, NaN and infinite ones included."""
        return float(np.frombuffer(self.bytes(8), dtype="<f8")[0])

    def indices(self, shape: tuple[int, int], below: int) -> NDArray[np.uint8]:
        """An array of numbers from 0 to below - 1."""
        values = np.frombuffer(self.bytes(shape[0] * shape[1]), dtype=np.uint8)
        return (values % below).reshape(shape)
