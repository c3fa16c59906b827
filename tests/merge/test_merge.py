"""``trashdata merge``: ids, categories, photos in several files, roots, mistakes."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from helpers.coco import check_ids, load, rewrite, tree
from helpers.merge import Content, coco_counts, described, merged, roots_of, write
from helpers.processes import RunCli

from trashdata.coco.read import MAX_ID
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.merge import MergeOptions, merge
from trashdata.merge.ids import free_ids, unite_ids, unite_unique_ids

# --- ids and categories ---------------------------------------------------------------------


def test_clashing_ids_other_order_and_category_zero(tmp_path: Path) -> None:
    a, b, c = (tmp_path / f"{name}.json" for name in "abc")
    write(a, {1: [1, 2], 2: [3]})
    write(b, {1: [1, 7], 9: [2]}, names={7: "Paper", 2: "Battery", 1: "Glass"}, files="b{}.jpg")
    write(c, {0: [0, 1], 2: []}, names={0: "Metal", 1: "Paper"}, files="c{}.jpg")
    content = merged(tmp_path, "a.json", "b.json", "c.json")
    assert described(content) == described(a) + described(b) + described(c)
    assert coco_counts(tmp_path / "merged.json") == coco_counts(a, b, c)
    ids = {category["name"]: category["id"] for category in content["categories"]}
    assert ids == {"Paper": 1, "Glass": 2, "Battery": 3, "Metal": 0}
    images = {image["file_name"]: image["id"] for image in content["images"]}
    assert images == {"1.jpg": 1, "2.jpg": 2, "b1.jpg": 10, "b9.jpg": 9, "c0.jpg": 0, "c2.jpg": 11}
    assert [image["id"] for image in content["images"]] == sorted(images.values())
    first = [a for a in content["annotations"] if a["image_id"] in (1, 2)]
    assert first == load(a)["annotations"]


def test_real_sets_together(shared_data: Path, tmp_path: Path) -> None:
    taco, mini = shared_data / "taco" / "annotations.json", shared_data / "coco-mini"
    recycling = shared_data / "recycling-512" / "train.json"
    for folder in ("taco", "mini", "rec"):
        (tmp_path / folder).mkdir()
    paths = [taco, mini / "instances_val2017.json", recycling]
    roots = dict(zip(map(str, paths), (tmp_path / n for n in ("taco", "mini", "rec")), strict=True))
    files = tuple(map(str, paths))
    outcome = merge(tmp_path, MergeOptions(files, "all", images_of=roots_of(roots)))
    result = tmp_path / "all.json"
    assert coco_counts(result) == coco_counts(*paths)
    assert outcome.counts["photos"] == 1500 + 79 + 127
    content = load(result)
    check_ids(content)
    source = load(taco)
    assert content["scene_annotations"] == source["scene_annotations"]
    assert "flickr_url" in content["images"][0]
    assert sum(i["file_name"].startswith("taco/batch_") for i in content["images"]) == 1500
    # COCO's eight licenses stand in two of the files.
    assert len(content["licenses"]) == 8


def test_row_order_of_the_files_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {1: [1, 2], 2: [3], 3: [1]})
    write(tmp_path / "b.json", {1: [1], 2: [3, 3]}, files="b{}.jpg")
    merged(tmp_path, "a.json", "b.json")
    expected = (tmp_path / "merged.json").read_bytes()

    def shuffle(content: Content) -> None:
        for key in ("images", "annotations", "categories"):
            random.Random(3).shuffle(content[key])

    for name in ("a.json", "b.json"):
        rewrite(tmp_path / name, shuffle)
    merged(tmp_path, "a.json", "b.json")
    assert (tmp_path / "merged.json").read_bytes() == expected


def test_annotation_ids_that_stand_twice_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {1: [1, 2], 2: [3]})
    rewrite(tmp_path / "a.json", lambda c: c["annotations"][2].update(id=1))
    content = merged(tmp_path, "a.json")
    assert sorted(a["id"] for a in content["annotations"]) == [1, 2, 3]
    assert described(content) == described(tmp_path / "a.json")


@pytest.mark.parametrize("ids", [[1, 2, 5], [0], [MAX_ID, 3], []])
def test_free_ids_are_free(ids: list[int]) -> None:
    free = free_ids(set(ids))
    chosen = [next(free) for _ in range(4)]
    assert len({*chosen, *ids}) == 4 + len(ids)
    assert max(chosen) <= MAX_ID


def test_unique_ids_against_the_obvious_loop() -> None:
    rng = np.random.default_rng(5)
    for highest in (30, MAX_ID):
        files = [np.sort(rng.integers(0, 40, 25)) for _ in range(3)]
        files[1][-1] = highest
        kept = [rng.random(25) < 0.8 for _ in files]
        result = unite_unique_ids(files, kept)
        used: set[int] = set()
        for ids, keep, new in zip(files, kept, result, strict=True):
            for old, stays, number in zip(ids, keep, new, strict=True):
                if stays:
                    assert number not in used
                    assert number == old or any(old in other for other in (used, set(ids)))
                    assert number <= MAX_ID
                    used.add(int(number))


def test_ids_of_the_same_key_are_one() -> None:
    new, _ = unite_ids([[("a", 3), ("b", 4)], [("c", 3), ("b", 7)], [("c", 7)]])
    assert new == [{3: 3, 4: 4}, {3: 8, 7: 4}, {7: 8}]


def test_ignore_goes_by_declaration_not_by_name(tmp_path: Path) -> None:
    ignored = {"info": {"trashdata": {"ignore_category_ids": [3]}}}
    write(tmp_path / "a.json", {1: [1, 3]}, names={1: "Paper", 3: "ignore"}, **ignored)
    write(tmp_path / "b.json", {5: [3, 1]}, names={1: "ignore", 3: "void"}, files="b{}.jpg",
          **ignored)  # fmt: skip
    reporter = Reporter()
    content = merged(tmp_path, "a.json", "b.json", reporter=reporter)
    declared = content["info"]["trashdata"]["ignore_category_ids"]
    names = {c["id"]: c["name"] for c in content["categories"]}
    assert [names[k] for k in declared] == ["ignore 2"]
    assert sorted(names.values()) == ["Paper", "ignore", "ignore 2"]
    counts = Counter(a["category_id"] for a in content["annotations"])
    assert {names[k]: n for k, n in counts.items()} == {"Paper": 1, "ignore": 1, "ignore 2": 2}
    assert any("is a class in one file" in warning for warning in reporter.warnings)


# --- photos in several files ----------------------------------------------------------------


def test_a_file_with_itself_is_itself(tmp_path: Path, shared_data: Path) -> None:
    for source in ("recycling-512/train.json", "coco-mini/instances_val2017.json"):
        shutil.copy(shared_data / source, tmp_path / "a.json")
        shutil.copy(shared_data / source, tmp_path / "copy.json")
        before = load(tmp_path / "a.json")
        for files in (["a.json"], ["a.json", "a.json"], ["a.json", "copy.json", "a.json"]):
            content = merged(tmp_path, *files)
            assert list(content) == list(before)
            assert content["info"].pop("trashdata") == {"made_by": "trashdata merge"}
            for key in ("images", "annotations", "categories"):
                assert content[key] == sorted(before[key], key=lambda record: record["id"])
            assert {k: content[k] for k in ("info", "licenses")} == {
                k: before[k] for k in ("info", "licenses")
            }


def test_a_renumbered_copy_counts_once(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {1: [1, 2], 2: [3]})
    write(tmp_path / "b.json", {1: [1, 2], 2: [3]})

    def renumber(content: Content) -> None:
        for image in content["images"]:
            image["id"] += 70
        for annotation in content["annotations"]:
            annotation["id"] = 100 - annotation["id"]
            annotation["image_id"] += 70
            annotation["category_id"] += 4
            annotation["area"] = float(annotation["area"])
        for category in content["categories"]:
            category["id"] += 4

    rewrite(tmp_path / "b.json", renumber)
    content = merged(tmp_path, "a.json", "b.json")
    before = load(tmp_path / "a.json")
    assert {key: content[key] for key in before} == before


def test_a_photo_of_which_two_files_differ(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {1: [1, 2], 2: [3]})
    write(tmp_path / "b.json", {1: [1, 2], 3: [1]})
    rewrite(tmp_path / "b.json", lambda c: c["annotations"][1].update(category_id=3, note="mine"))
    sentence = r"b\.json: image 1 \(1\.jpg\): expected what a\.json says of the same photo"
    before = tree(tmp_path)
    with pytest.raises(UserError, match=sentence):
        merge(tmp_path, MergeOptions(("a.json", "b.json"), "merged"))
    assert tree(tmp_path) == before
    content = merged(tmp_path, "a.json", "b.json", on_duplicate="first")
    assert coco_counts(tmp_path / "merged.json") == {"Paper": 2, "Glass": 1, "Battery": 1}
    content = merged(tmp_path, "a.json", "b.json", on_duplicate="union")
    assert [a["category_id"] for a in content["annotations"] if a["image_id"] == 1] == [1, 2, 3]
    assert next(a for a in content["annotations"] if "note" in a)["id"] not in (1, 2, 3)
    # The other way round, the other file's say counts.
    content = merged(tmp_path, "b.json", "a.json", on_duplicate="first")
    assert [a["category_id"] for a in content["annotations"] if a["image_id"] == 1] == [1, 3]


def test_image_fields_of_a_photo_in_two_files(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {1: [1]})
    write(tmp_path / "b.json", {1: [1]})
    rewrite(tmp_path / "b.json", lambda c: c["images"][0].update(url="u"))
    assert merged(tmp_path, "a.json", "b.json")["images"][0]["url"] == "u"
    rewrite(tmp_path / "a.json", lambda c: c["images"][0].update(url="v"))
    with pytest.raises(UserError, match="found another url"):
        merge(tmp_path, MergeOptions(("a.json", "b.json"), "q"))
    assert merged(tmp_path, "a.json", "b.json", on_duplicate="union")["images"][0]["url"] == "v"
    rewrite(tmp_path / "b.json", lambda c: c["images"][0].update(width=21))
    with pytest.raises(UserError, match="found 21 x 10 pixels instead of 20 x 10"):
        merge(tmp_path, MergeOptions(("a.json", "b.json"), "q", on_duplicate="union"))


# --- the top level --------------------------------------------------------------------------


def test_info_licenses_and_unknown_keys(tmp_path: Path) -> None:
    own = {"trashdata": {"made_by": "trashdata pseudo", "thresholds": {"Paper": 0.5}}}
    write(tmp_path / "a.json", {1: [1]}, info={"year": 1, "url": "a"} | own,
          licenses=[{"id": 1, "name": "MIT"}], scenes=[{"image_id": 1, "place": "sea"}],
          categories_of=7)  # fmt: skip
    write(tmp_path / "b.json", {1: [2], 2: []}, files="b{}.jpg", info={"year": 2, "by": "b"},
          licenses=[{"id": 1, "name": "BSD"}, {"id": 2, "name": "MIT"}],
          scenes=[{"image_id": 1, "place": "sea"}], more={"x": 1})  # fmt: skip
    rewrite(tmp_path / "a.json", lambda c: c["images"][0].update(license=1))
    rewrite(tmp_path / "b.json", lambda c: [i.update(license=i["id"]) for i in c["images"]])
    content = merged(tmp_path, "a.json", "b.json")
    assert content["info"] == {
        "year": 1,
        "url": "a",
        "trashdata": {"made_by": "trashdata merge", "thresholds": {"Paper": 0.5}},
        "by": "b",
    }
    licenses = {row["id"]: row["name"] for row in content["licenses"]}
    of_photo = {i["file_name"]: licenses[i["license"]] for i in content["images"]}
    assert of_photo == {"1.jpg": "MIT", "b1.jpg": "BSD", "b2.jpg": "MIT"}
    assert len(licenses) == 2
    other = next(i["id"] for i in content["images"] if i["file_name"] == "b1.jpg")
    rows = [{"image_id": 1, "place": "sea"}, {"image_id": other, "place": "sea"}]
    assert content["scenes"] == rows
    assert (content["more"], content["categories_of"]) == ({"x": 1}, 7)


# --- roots ----------------------------------------------------------------------------------


def test_file_names_lead_from_the_new_root(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for folder in ("one", "two/photos"):
        (data / folder).mkdir(parents=True)
    write(data / "one" / "a.json", {1: [1]})
    write(data / "two" / "b.json", {1: [1]})
    write(data / "c.json", {1: [2]}, files="one/{}.jpg")
    roots = {"one/a.json": data / "one", "two/b.json": data / "two" / "photos"}
    content = merged(data, "one/a.json", "two/b.json", images_of=roots_of(roots))
    assert [i["file_name"] for i in content["images"]] == ["one/1.jpg", "two/photos/1.jpg"]
    with pytest.raises(UserError, match=r"c\.json: image 1 \(one/1\.jpg\): expected what a\.json"):
        merge(
            data,
            MergeOptions(("one/a.json", "c.json"), "q", roots_of({"one/a.json": data / "one"})),
        )
    # From a root further down, and through a link.
    content = merged(data, "c.json", images=data / "one", images_of=roots_of({"c.json": data}))
    assert content["images"][0]["file_name"] == "1.jpg"
    (tmp_path / "link").symlink_to(data / "one")
    content = merged(data, "one/a.json", images_of=roots_of({"one/a.json": tmp_path / "link"}))
    assert content["images"][0]["file_name"] == "one/1.jpg"
    # A file elsewhere has its photos beside it, which the data folder does not hold.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere / "a.json", {7: [1]})
    with pytest.raises(UserError, match=r"a\.json: image 7: expected a photo under .*7\.jpg"):
        merge(data, MergeOptions(("c.json", str(elsewhere / "a.json")), "q"))
    own_roots = roots_of({"c.json": data, elsewhere / "a.json": elsewhere})
    files = ("c.json", str(elsewhere / "a.json"))
    content = merged(data, *files, images=tmp_path, images_of=own_roots)
    names = [i["file_name"] for i in content["images"]]
    assert names == ["data/one/1.jpg", "elsewhere/7.jpg"]


def test_a_file_in_a_folder_of_its_own_with_its_photos(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for folder, names in (("one", {1: "Paper"}), ("two", {1: "Glass"})):
        (data / folder).mkdir(parents=True)
        write(data / folder / "set.json", {1: [1]}, names=names)
        (data / folder / "1.jpg").touch()
    content = merged(data, "one/set.json", "two/set.json")
    assert {image["file_name"] for image in content["images"]} == {"one/1.jpg", "two/1.jpg"}
    # Names that lead from the data folder stay as they are.
    write(data / "one" / "all.json", {1: [1]}, names={1: "Paper"}, files="two/{}.jpg")
    content = merged(data, "one/all.json", "two/set.json", on_duplicate="first")
    assert {image["file_name"] for image in content["images"]} == {"two/1.jpg"}


# --- the command ----------------------------------------------------------------------------


def test_inputs_and_others_files_are_safe(tmp_path: Path, run_cli: RunCli) -> None:
    write(tmp_path / "a.json", {1: [1]})
    write(tmp_path / "mine.json", {2: [2]}, info={"description": "mine"})
    before = tree(tmp_path)
    call = ("merge", "a.json", "mine.json", "--data", tmp_path)
    for arguments, words in (
        ((*call, "--out", "a", "--overwrite"), "another file than the inputs"),
        (("merge", "a.json", "--data", tmp_path, "--out", "mine", "--overwrite"), "did not make"),
        ((*call, "--out", "../x"), "a plain name"),
        (("merge", "none.json", "--data", tmp_path, "--out", "q"), "no such file"),
        ((*call, "--out", "q", "--images-of", "b.json=x"), "expected one of the files"),
        ((*call, "--out", "q", "--images-of", "a.json"), "two names with = between"),
        ((*call, "--out", "q", "--images-of", "a.json=nowhere"), "expected a folder"),
    ):
        done = run_cli(*arguments)
        assert done.returncode == 2, arguments
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert tree(tmp_path) == before


def test_command_line(tmp_path: Path, run_cli: RunCli) -> None:
    write(tmp_path / "a.json", {1: [1, 2]})
    write(tmp_path / "b.json", {1: [3]}, files="b{}.jpg")
    call = ("merge", "a.json", "b.json", "--data", tmp_path, "--out", "c.json")
    done = run_cli(*call, "--dry-run", "--json-summary")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["outputs"] == []
    assert not (tmp_path / "c.json").exists()
    assert summary["classes"][2] == {"class": "Battery", "before": [0, 1], "after": 1}
    done = run_cli(*call)
    assert done.returncode == 0
    assert "merged" in done.stdout
    first = (tmp_path / "c.json").read_bytes()
    refused = run_cli(*call)
    assert refused.returncode == 2
    assert "replace it with --overwrite" in refused.stderr
    assert run_cli(*call, "--overwrite", "--quiet").stderr == ""
    assert (tmp_path / "c.json").read_bytes() == first
