"""The seed of a run as Lightning takes it."""

from __future__ import annotations

_LIMIT = 2**32


def short_seed(seed: int) -> int:
    """A seed of 32 bits, which is all that Lightning and numpy's old generator take.

    Smaller seeds stay as they are; of larger ones all bits are mixed in.

    >>> short_seed(42), short_seed(2**32) == short_seed(2**33)
    (42, False)
    """
    if seed < _LIMIT:
        return seed
    import numpy as np

    return int(np.random.SeedSequence(seed).generate_state(1)[0])
