"""``copy-paste --max-objects 0``: new photos with nothing pasted, to compare with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.coco import load
from trashdata.copy_paste import CopyPasteOptions, PasteDataset, copy_paste

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.masks.labelmap import label_map
from trashdata.photos import read_photo

NOTHING = CopyPasteOptions(num=8, max_objects=0, background_lsj_max=1.0, hflip=0.0, mode="self")


def test_photos_are_their_backgrounds(sample_set: Path) -> None:
    dataset = PasteDataset(sample_set, NOTHING)
    document = read_document(sample_set / "train.json")
    for number in range(8):
        background, donors = dataset.sources(number)
        made = dataset[number]
        photo = read_photo(sample_set, background.image).pixels[..., ::-1]
        assert donors == ()
        assert np.array_equal(made.photo, photo)
        assert np.array_equal(made.labels, label_map(document, background.image))


def test_backgrounds_are_those_of_a_run_that_pastes(sample_set: Path) -> None:
    nothing = PasteDataset(sample_set, NOTHING)
    pasting = PasteDataset(sample_set, replace(NOTHING, max_objects=2, min_area=20))
    for number in range(8):
        assert nothing.sources(number).background == pasting.sources(number).background


def test_files_hold_no_pasted_annotation(data: Path) -> None:
    outcome = copy_paste(data, replace(NOTHING, background_lsj_max=2.0))
    assert (outcome.counts["photos"], outcome.counts["pasted"]) == (8, 0)
    made = load(data / "copy_paste.json")
    assert len(made["images"]) == 8
    assert not any("donor_image_id" in a.get("trashdata", {}) for a in made["annotations"])


@pytest.mark.parametrize("changes", [{"extract_patch": False}, {"balance": 0.5}])
def test_it_is_refused_with_what_asks_for_pastes(changes: dict[str, object]) -> None:
    with pytest.raises(UserError, match="--max-objects"):
        replace(NOTHING, mode="add", **changes)  # type: ignore[arg-type]
