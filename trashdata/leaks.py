"""The refusal of training photos that are in validation."""

from __future__ import annotations

from collections.abc import Sequence

from trashdata.errors import UserError, printable
from trashdata.overlaps import Overlap


def leak(name: str, val_name: str, found: Sequence[Overlap]) -> UserError:
    """An error that names the first of a training file's overlaps with validation.

    Parameters
    ----------
    name, val_name : of the two COCO files.
    found : at least one overlap.
    """
    # What no flag allows comes first.
    first = min(found, key=lambda overlap: (overlap.is_look_alike, overlap))
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    listed = f"'trashdata kfold --check {name} {val_name}' lists all"
    way_out = (
        "pass --allow-look-alikes if they are different photos of one scene"
        if first.is_look_alike
        else "leave them out, or split one file of all photos with 'trashdata kfold'"
    )
    return UserError(
        f"{name}: {printable(first.one_name)}",
        expected=f"no photo of {val_name} in what is trained on",
        found=f"that it {first.sentence}{more}",
        advice=f"{way_out}; {listed}",
    )
