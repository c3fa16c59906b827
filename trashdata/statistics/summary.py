"""The statistics for ``--json-summary``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .count import LEVELS, Statistics, quantiles
from .ranges import area_ranges


def summary_of(side: Statistics) -> dict[str, Any]:
    """One file's statistics in plain types.

    Areas are fractions of the photo, null for a class without objects; ``counts[k]`` is the number
    of photos with k objects or classes; ``together`` names the classes on the same photos.
    """
    ranges = area_ranges()
    return {
        "name": side.name,
        "photos": side.photo_count,
        "photos_without_objects": side.empty_photos,
        "synthetic_photos": side.origin.synthetic,
        "repeated_photos": side.origin.repeats,
        "pseudo_labelled_photos": side.origin.pseudo_labelled,
        "objects": side.object_count,
        "pasted_objects": side.origin.pasted,
        "pseudo_labels": side.origin.pseudo_labels,
        "crowd_regions": side.crowds,
        "ignore_regions": side.ignored,
        "pixels_of_objects": float(side.pixels.sum()),
        "pixels_of_photos": side.total_pixels,
        "objects_per_photo": _spread(side.objects_per_photo),
        "classes_per_photo": _spread(side.classes_per_photo),
        "area": {
            **_quantiles(quantiles(side.relative_area)),
            "from": list(ranges.starts),
            "objects": ranges.counts(side.relative_area).tolist(),
        },
        "sizes": [
            {"width": width, "height": height, "photos": photos}
            for width, height, photos in side.sizes.tolist()
        ],
        "classes": [_class(side, k) for k in range(len(side.class_names))],
    }


def _spread(numbers: NDArray[np.int64]) -> dict[str, Any]:
    known = len(numbers) > 0
    return {
        "least": int(numbers.min()) if known else None,
        "median": float(np.median(numbers)) if known else None,
        "mean": round(float(numbers.mean()), 6) if known else None,
        "most": int(numbers.max()) if known else None,
        "counts": np.bincount(numbers).tolist(),
    }


def _quantiles(values: NDArray[np.float64]) -> dict[str, float | None]:
    """``p10`` and so on, six digits each."""
    pairs = zip(LEVELS, values.tolist(), strict=True)
    return {
        f"p{100 * level:.0f}": None if np.isnan(value) else float(f"{value:.6g}")
        for level, value in pairs
    }


def _class(side: Statistics, index: int) -> dict[str, Any]:
    together = side.together[index]
    others = [k for k in np.flatnonzero(together).tolist() if k != index]
    return {
        "class": side.class_names[index],
        "id": side.class_ids[index],
        "objects": int(side.objects[index]),
        "photos": int(side.photos[index]),
        "pixels": float(side.pixels[index]),
        "area": _quantiles(side.area_quantiles[index]),
        "together": {side.class_names[k]: int(together[k]) for k in others},
    }
