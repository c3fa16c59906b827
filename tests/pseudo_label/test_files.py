"""``trashdata pseudo`` with a stub for the models: files in, files out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import load, load_coco, tree
from helpers.masks import mask_of, painted
from helpers.pseudo_label import stub
from PIL import Image
from trashdata.pseudo_label import PseudoOptions, pseudo
from trashdata.pseudo_label.predicting.models import Models

from trashdata.console import Reporter
from trashdata.errors import UserError


def run(data: Path, models: Models | None = None, **options: Any) -> Any:
    chosen = {"json": "train.json", "min_area": 8} | options
    return pseudo(data, PseudoOptions(**chosen), models=models or stub())


@pytest.mark.parametrize("form", ["polygon", "rle"])
def test_painting_the_json_gives_the_masks(data: Path, form: str) -> None:
    outcome = run(data, masks=True, segmentation=form)
    maps = painted(data / "pseudo.json")
    assert len(maps) == outcome.counts["photos"] > 0
    values = set()
    for name, labels in maps.items():
        assert np.array_equal(mask_of(data / "pseudo" / "masks", name), labels)
        values |= set(np.unique(labels).tolist())
    assert {0, 255} < values
    assert len(values) > 4


def test_provenance_and_scores(data: Path) -> None:
    run(data, threshold=0.8)
    content = load(data / "pseudo.json")
    source = load(data / "train.json")
    own = content["info"]["trashdata"]
    assert own["made_by"] == "trashdata pseudo"
    assert [m["sha256"][:4] for m in own["models"]] == ["abab", "cdcd"]
    assert set(own["thresholds"].values()) == {0.8}
    assert own["options"]["min_area"] == 8
    (ignore_id,) = own["ignore_category_ids"]
    objects = [a for a in content["annotations"] if a["category_id"] != ignore_id]
    assert objects
    for annotation in objects:
        assert 0.8 <= annotation["score"] <= 1
        assert annotation["iscrowd"] == 0
        assert annotation["trashdata"]["models"] == ["exp@abababababab", "exp2@cdcdcdcdcdcd"]
        assert list(annotation["trashdata"]["thresholds"].values()) == [0.8]
    ignored = [a for a in content["annotations"] if a["category_id"] == ignore_id]
    assert all(a["iscrowd"] == 1 and "counts" in a["segmentation"] for a in ignored)
    for image, before in zip(content["images"], source["images"], strict=True):
        assert image | {"trashdata": 0} == before | {"trashdata": 0}
        assert 0 <= image["trashdata"]["agreement"] <= 1
    assert content["categories"][:-1] == source["categories"]
    ids = [a["id"] for a in content["annotations"]]
    assert ids == list(range(1, len(ids) + 1))


def test_labels_of_the_input_are_not_looked_at(data: Path) -> None:
    run(data)
    with_labels = tree(data / "pseudo"), load(data / "pseudo.json")
    content = load(data / "train.json")
    content["annotations"] = []
    other = data.parent / "other"
    shutil.copytree(data, other, ignore=shutil.ignore_patterns("pseudo*"))
    (other / "train.json").write_text(json.dumps(content))
    run(other)
    again = tree(other / "pseudo"), load(other / "pseudo.json")
    for files, _ in (with_labels, again):
        files.pop("manifest.json")
    assert again == with_labels


def test_background_instead_of_ignore(data: Path) -> None:
    run(data, masks=True, unsure="background")
    content = load(data / "pseudo.json")
    assert content["info"]["trashdata"]["ignore_category_ids"] == []
    assert content["categories"] == load(data / "train.json")["categories"]
    for name, labels in painted(data / "pseudo.json").items():
        assert np.array_equal(mask_of(data / "pseudo" / "masks", name), labels)
        assert 255 not in labels


def test_the_better_photos_are_kept_and_the_rest_is_listed(data: Path) -> None:
    run(data, keep_images=0.25)
    kept, left = load(data / "pseudo.json"), load(data / "pseudo_next.json")
    source = load(data / "train.json")
    total = len(source["images"])
    assert len(kept["images"]) == -(-total // 4)
    assert left["annotations"] == []
    assert left["categories"] == source["categories"]
    names = {i["id"] for i in kept["images"]} | {i["id"] for i in left["images"]}
    assert names == {i["id"] for i in source["images"]}
    rows = (data / "pseudo" / "photos.csv").read_text().splitlines()[1:]
    agreements = [float(row.split(",")[-3]) for row in rows]
    assert agreements == sorted(agreements, reverse=True)
    flags = [row.split(",")[-1] for row in rows]
    assert flags == ["yes"] * len(kept["images"]) + ["no"] * len(left["images"])
    # The list goes into the next round as it is.
    run(data, json="pseudo_next.json", out="second")
    assert len(load(data / "second.json")["images"]) == len(left["images"])


def test_agreement_makes_pixels_unsure(data: Path) -> None:
    run(data, stub(shift=6.0), threshold=0.3, masks=True)
    run(data, stub(shift=6.0), threshold=0.3, masks=True, agree=True, out="agreed")
    fewer = 0
    for name, labels in painted(data / "agreed.json").items():
        before = mask_of(data / "pseudo" / "masks", name)
        assert np.array_equal(labels[labels != 255], before[labels != 255])
        fewer += int((labels == 255).sum() - (before == 255).sum())
    assert fewer > 0


def test_portions_keep_their_share(data: Path) -> None:
    outcome = run(data, portion=0.3)
    thresholds = load(data / "pseudo" / "thresholds.json")
    assert thresholds["portion"] == 0.3
    rows = [row for row in thresholds["classes"] if row["predicted"]]
    assert len({row["threshold"] for row in rows}) > 3
    for row in rows:
        assert row["reached"] >= 0.3 * row["predicted"]
    assert outcome.figures["classes"] == thresholds["classes"]


def test_interrupted_runs_end_with_the_same_bytes(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trashdata.pseudo_label.writing import stage

    label_shard = stage.label_shard
    monkeypatch.setattr("trashdata.pseudo_label.shards.SHARD_SIZE", 4)
    options: dict[str, Any] = {"masks": True, "portion": 0.5, "keep_images": 0.8}
    whole = Path(shutil.copytree(data, data.parent / "whole"))
    run(whole, **options)
    for moment in (2, 7, 5):
        with pytest.raises(KeyboardInterrupt):
            run(data, stub(fail_at=moment), **options)
        assert not (data / "pseudo.json").exists()
    done = []

    def killed(context: Any, shard: Any) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(shard.name)
        return label_shard(context, shard)

    with monkeypatch.context() as patch:
        patch.setattr(stage, "label_shard", killed)
        with pytest.raises(KeyboardInterrupt):
            run(data, **options)
    untouched = stub()
    run(data, untouched, **options)
    assert untouched.predictor.calls == 0  # type: ignore[attr-defined]
    assert tree(data) == tree(whole)
    # Done already: nothing is predicted, nothing changes.
    run(data, untouched, **options)
    assert tree(data) == tree(whole)


def test_merged_with_labels_it_is_ready_to_train_on(data: Path) -> None:
    run(data, json="test.json", merge_with="train.json", min_area=0)
    train, own = load_coco(data / "train.json"), load_coco(data / "pseudo.json")
    merged = load_coco(data / "pseudo_merged.json")
    assert len(merged.imgs) == len(train.imgs) + len(own.imgs)
    assert len(merged.anns) == len(train.anns) + len(own.anns)
    ids = {image["file_name"]: image["id"] for image in merged.imgs.values()}
    for part in (train, own):
        for image in part.imgs.values():
            kept = merged.imgToAnns[ids[image["file_name"]]]
            assert len(kept) == len(part.imgToAnns[image["id"]])
    content = load(data / "pseudo_merged.json")
    (ignore_id,) = content["info"]["trashdata"]["ignore_category_ids"]
    scored = [a for a in content["annotations"] if "score" in a]
    assert len(scored) == sum("score" in a for a in own.anns.values())
    assert any(a["category_id"] == ignore_id for a in content["annotations"])
    assert "pseudo_merged.json" in (data / "pseudo" / "manifest.json").read_text()


def test_photos_in_both_files_are_refused_before_anything_is_predicted(data: Path) -> None:
    models = stub()
    with pytest.raises(UserError, match=r"--merge-with train_all\.json: .* in both"):
        run(data, models, merge_with="train_all.json")
    assert models.predictor.calls == 0  # type: ignore[attr-defined]


def test_gray_alpha_and_mixed_sizes(data: Path) -> None:
    content = load(data / "test.json")
    sizes = [(40, 30), (64, 96), (17, 50), (96, 96)]
    for image, size in zip(content["images"], sizes, strict=False):
        with Image.open(data / image["file_name"]) as photo:
            small = photo.resize(size)
        mode = ["L", "RGBA", "LA", "RGB"][sizes.index(size)]
        image["file_name"] = f"odd/{image['id']}.png"
        image["width"], image["height"] = size
        (data / "odd").mkdir(exist_ok=True)
        small.convert(mode).save(data / image["file_name"])
    # The padding of a synthetic photo is no photo.
    content["images"][3]["trashdata"] = {"valid_box": [10, 0, 70, 60]}
    (data / "odd.json").write_text(json.dumps(content))
    run(data, json="odd.json", masks=True, threshold=0.5, min_area=3)
    maps = painted(data / "pseudo.json")
    for image, size in zip(content["images"], sizes, strict=False):
        labels = mask_of(data / "pseudo" / "masks", image["file_name"])
        assert labels.shape == size[::-1]
        if "trashdata" in image:
            assert (labels[60:] == 255).all()
            assert (labels[:, :10] == 255).all()
            labels = labels[:60, 10:80]
            assert not maps[image["file_name"]][60:].any()
            maps[image["file_name"]] = maps[image["file_name"]][:60, 10:80]
        assert np.array_equal(maps[image["file_name"]], labels)


def test_a_valid_box_does_not_count_for_thresholds(data: Path) -> None:
    content = load(data / "test.json")
    for image in content["images"]:
        image["trashdata"] = {"valid_box": [0, 0, 48, 96]}
    (data / "half.json").write_text(json.dumps(content))
    outcome = run(data, json="half.json")
    predicted = sum(row["predicted"] for row in outcome.figures["classes"])
    assert predicted == len(content["images"]) * 48 * 96


def test_repeats_are_labelled_once(data: Path) -> None:
    content = load(data / "test.json")
    first = content["images"][0]
    content["images"].append(first | {"id": 9999, "trashdata": {"repeat_of": first["id"]}})
    (data / "twice.json").write_text(json.dumps(content))
    run(data, json="twice.json", masks=True)
    assert len(load(data / "pseudo.json")["images"]) == len(content["images"]) - 1


def test_an_earlier_ignore_category_is_used_and_a_class_of_that_name_refused(data: Path) -> None:
    content = load(data / "test.json")
    content["categories"].append({"id": 40, "name": "void", "supercategory": "void"})
    content["info"]["trashdata"] = {"ignore_category_ids": [40]}
    (data / "own.json").write_text(json.dumps(content))
    run(data, json="own.json")
    written = load(data / "pseudo.json")
    assert written["categories"] == content["categories"]
    assert {a["category_id"] for a in written["annotations"] if a["iscrowd"]} == {40}
    content["categories"][-1] = content["categories"][0] | {"name": "ignore"}
    del content["categories"][0], content["info"]["trashdata"]
    (data / "named.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="expected no class called ignore"):
        run(data, json="named.json", out="other")


def test_no_photo_good_enough_is_said(data: Path) -> None:
    with pytest.raises(UserError, match=r"--min-image-score: .* as the best"):
        run(data, min_image_score=1.0)
    outcome = run(data, min_image_score=0.3, out="other")
    assert outcome.counts["kept"] > 0


def test_overwrite_replaces_only_what_an_earlier_run_wrote(data: Path) -> None:
    run(data, masks=True)
    with pytest.raises(UserError, match="found a finished run with other options"):
        run(data, threshold=0.7)
    options = PseudoOptions(json="train.json", threshold=0.7)
    pseudo(data, options, models=stub(), overwrite=True)
    assert not (data / "pseudo" / "masks").exists()
    (data / "mine.json").write_text("{}")
    with pytest.raises(UserError, match="found a file that no earlier run wrote"):
        run(data, out="mine")
    assert (data / "mine.json").read_text() == "{}"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("pseudo.json", {}),
        ("pseudo_next.json", {"keep_images": 0.5}),
        ("pseudo_merged.json", {"merge_with": "test.json"}),
        ("pseudo_report.png", {"report": True}),
    ],
)
def test_a_dry_run_refuses_what_a_run_refuses(
    data: Path, name: str, options: dict[str, Any]
) -> None:
    chosen = PseudoOptions(json="val.json", **options)
    (data / name).write_text("{}")
    before, sentences = tree(data), []
    for dry_run in (True, False):
        models = stub()
        with pytest.raises(UserError, match="found a file that no earlier run wrote") as caught:
            pseudo(data, chosen, models=models, dry_run=dry_run)
        sentences.append(str(caught.value))
        assert models.predictor.calls == 0  # type: ignore[attr-defined]
        assert tree(data) == before
    assert sentences[0] == sentences[1]


def test_a_dry_run_predicts_two_photos_for_its_estimate(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trashdata.runs.estimate._WORTH_BYTES", 0)
    notes: list[str] = []
    reporter = Reporter()
    monkeypatch.setattr(reporter, "note", notes.append)
    models, before = stub(), tree(data)
    options = PseudoOptions(json="train.json")
    pseudo(data, options, models=models, dry_run=True, reporter=reporter)
    assert models.predictor.calls == 2  # type: ignore[attr-defined]
    assert tree(data) == before
    assert [note.split()[0:2] for note in notes] == [["Would", "label"], ["Would", "take"]]


def test_a_replaced_photo_stops_an_interrupted_run(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trashdata.pseudo_label.shards.SHARD_SIZE", 2)
    with pytest.raises(KeyboardInterrupt):
        run(data, stub(fail_at=4))
    path = data / load(data / "train.json")["images"][0]["file_name"]
    with Image.open(path) as photo:
        photo.transpose(Image.Transpose.ROTATE_180).save(path)
    with pytest.raises(UserError, match="found another content"):
        run(data)
