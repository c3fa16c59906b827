"""Class weights of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.errors import UserError, nearest, printable

from ..model_options import WEIGHT_KINDS

BETA = 0.999


def class_weights(
    kind: str,
    names: Sequence[str],
    pixels: NDArray[np.int64],
    objects: NDArray[np.int64],
) -> list[float] | None:
    """Weights of the channels, with mean 1 over those that are trained on; None for equal weights.

    Parameters
    ----------
    kind : of `WEIGHT_KINDS`, or the path of a JSON file {"name": weight}.
    names : of the channels, background first.
    pixels, objects : (C,) in the training photos; the background counts as one object a photo.

    Raises
    ------
    UserError : unknown kind, no such file, or a file for other classes.
    """
    if kind == "none":
        return None
    if kind not in WEIGHT_KINDS:
        return read_weights(Path(kind), names)
    weights = inverse(pixels) if kind == "inverse" else effective(objects)
    return [float(weight) for weight in weights]


def inverse(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """1 / count, scaled to a mean of 1; classes with count 0 get 0.

    >>> inverse(np.array([3, 1, 0])).tolist()
    [0.5, 1.5, 0.0]
    """
    return _scaled(np.divide(1.0, counts, out=np.zeros(len(counts)), where=counts > 0))


def effective(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """(1 - beta) / (1 - beta^count), scaled to a mean of 1; classes with count 0 get 0.

    References
    ----------
    Cui et al. 2019, "Class-Balanced Loss Based on Effective Number of Samples", equation 6.
    """
    share = (1 - BETA) / np.maximum(1 - BETA ** counts.astype(np.float64), 1 - BETA)
    return _scaled(np.where(counts > 0, share, 0.0))


def _scaled(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = weights * np.count_nonzero(weights) / max(weights.sum(), 1e-300)
    return scaled


def difficulty_weights(recall: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights by the share of each class missed in validation, with mean 1.

    Parameters
    ----------
    recall : (C,) share of a class's pixels that were found; nan where there is none, which
        counts as the mean of the others.

    References
    ----------
    Sinha, Ohashi, Nakamura 2020, "Class-Wise Difficulty-Balanced Loss for Solving
    Class-Imbalance", ACCV: difficulty 1 - accuracy, to the power of the dynamic tau.
    """
    known = recall[~np.isnan(recall)]
    filled = np.where(np.isnan(recall), known.mean() if len(known) else 0.0, recall)
    bias = filled.max() / (filled.min() + 0.01) - 1
    tau = 2 / (1 + np.exp(-bias))
    weights = (1 - filled) ** tau
    # Nothing was missed: equal weights.
    return _scaled(weights) if weights.sum() > 0 else np.ones(len(recall))


def read_weights(path: Path, names: Sequence[str]) -> list[float]:
    """Read weights by class name from a JSON file; the background's default is 1."""
    where = f"--class-weights {printable(str(path))}"
    kinds = ", ".join(WEIGHT_KINDS)
    expected = f'{kinds}, or a JSON file such as {{"{printable(names[-1])}": 2.5}}'
    advice = "give each class a weight of 0 or more"
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, float])
    except FileNotFoundError:
        raise UserError(where, expected=expected, found="no file", advice=advice) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        fault = printable(str(error))
        raise UserError(where, expected=expected, found=fault, advice=advice) from None
    for name in found:
        if name not in names:
            fault = f"{printable(name)!r}"
            raise UserError(where, expected="classes of the files", found=fault,
                            advice=nearest(name, [printable(n) for n in names]))  # fmt: skip
    weights = {names[0]: 1.0, **found}
    lacking = [name for name in names if name not in weights]
    wrong = [name for name, weight in weights.items() if not 0 <= weight < float("inf")]
    if lacking or wrong or not sum(weights.values()):
        fault = (
            f"none for {printable(lacking[0])}" if lacking else "a weight under 0, or only zeros"
        )
        raise UserError(where, expected="a weight for each class", found=fault, advice=advice)
    return [weights[name] for name in names]
