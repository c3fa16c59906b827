"""``trashdata report``: what stands in the page."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.coco import load, tree
from helpers.processes import RunCli
from helpers.report import (
    HOSTILE_CLASS,
    HOSTILE_FILE,
    box_set,
    hostile_set,
    make_run,
    mixed_set,
    page_of,
    read_page,
    write_json,
)
from PIL import Image

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.report import ReportOptions, report
from trashdata.report.shown_photos import choose_photos


@pytest.fixture(scope="module")
def mixed(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mixed_set(sample_set, tmp_path_factory.mktemp("mixed") / "data")


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    folder = tmp_path / "boxes"
    write_json(folder / "train_all.json", box_set(folder))
    return folder


# --- the same input gives the same bytes ----------------------------------------------------


def test_bytes_are_the_same_each_time(mixed: Path, tmp_path: Path) -> None:
    before = tree(mixed)
    for name, workers in (("one.html", 1), ("two.html", 2)):
        report(mixed, ReportOptions(json="mixed.json", out=tmp_path / name), workers=workers)
    moved = Path(shutil.copytree(mixed, tmp_path / "elsewhere"))
    content = load(moved / "mixed.json")
    for records in (content["images"], content["annotations"], content["categories"]):
        random.Random(1).shuffle(records)
    write_json(moved / "mixed.json", content)
    report(moved, ReportOptions(json="mixed.json", out=tmp_path / "three.html"))
    pages = {(tmp_path / f"{name}.html").read_bytes() for name in ("one", "two", "three")}
    assert len(pages) == 1
    assert str(tmp_path).encode() not in pages.pop()
    assert tree(mixed) == before


# --- the page -------------------------------------------------------------------------------


def test_page_asks_for_nothing_and_allows_one_script(mixed: Path, tmp_path: Path) -> None:
    page = page_of(mixed, tmp_path, json="mixed.json")
    digest = base64.b64encode(hashlib.sha256(page.scripts["script"].encode()).digest()).decode()
    (policy,) = [a["content"] for _, a in page.tags if a.get("http-equiv")]
    assert policy is not None
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert list(page.scripts) == ["style", "gallery-data", "gallery-pictures", "script"]
    links = [a[key] for _, a in page.tags for key in ("src", "href") if a.get(key)]
    assert links
    assert all(link and link.startswith(("#", "data:")) for link in links)
    assert "url(" not in page.scripts["style"]
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)


def test_statistics_of_two_files(mixed: Path, tmp_path: Path) -> None:
    page = page_of(mixed, tmp_path, json="train_all.json", compare="mixed.json")
    words = page.words
    one, two = (load(mixed / f"{name}.json") for name in ("train_all", "mixed"))
    battery = [
        sum(a["category_id"] == c["id"] for a in content["annotations"])
        for content in (one, two)
        for c in content["categories"]
        if c["name"] == "Battery"
    ]
    assert f"Battery {battery[0]} {battery[1]}" in words
    assert "train_all.json beside mixed.json" in words
    assert words.count("Of the photos that hold the class on the left") == 1
    heads = [a for tag, a in page.tags if tag == "th"]
    assert all(a.get("scope") for a in heads)


def test_gallery_knows_every_photo(mixed: Path, tmp_path: Path) -> None:
    content = load(mixed / "mixed.json")
    gallery = page_of(mixed, tmp_path, json="mixed.json").gallery
    photos = gallery["photos"]
    assert [photo["name"] for photo in photos] == [
        image["file_name"] for image in sorted(content["images"], key=lambda image: image["id"])
    ]
    sources = Counter(photo["source"] for photo in photos)
    assert sources["copy-paste"] == 5
    assert sources["pseudo"] == sum("batch_03" in i["file_name"] for i in content["images"]) > 0
    for photo in photos:
        rows = [a for a in content["annotations"] if a["image_id"] == photo["id"]]
        assert len(photo["objects"]) == len(rows)
        scores = [row["score"] for row in rows if "score" in row]
        assert photo["score"] == (pytest.approx(np.mean(scores), abs=1e-4) if scores else None)


def test_synthetic_photos_show_what_they_were_made_of(mixed: Path, tmp_path: Path) -> None:
    content = load(mixed / "mixed.json")
    gallery = page_of(mixed, tmp_path, json="mixed.json").gallery
    photos = gallery["photos"]
    own = {image["id"]: image.get("trashdata", {}) for image in content["images"]}
    made = [photo for photo in photos if photo["source"] == "copy-paste"]
    for photo in made:
        first, *donors = photo["parts"]
        assert first["role"] == "background"
        assert photos[first["photo"]]["id"] == own[photo["id"]]["background_image_id"]
        rows = [a for a in content["annotations"] if a["image_id"] == photo["id"]]
        pasted = [a.get("trashdata", {}) for a in rows]
        wanted = {p["donor_image_id"] for p in pasted if "donor_image_id" in p}
        assert {photos[part["photo"]]["id"] for part in donors} == wanted
        for part in donors:
            donor = photos[part["photo"]]
            classes = {gallery["classes"][donor["objects"][k][0]]["name"] for k in part["objects"]}
            assert classes == {"Battery"}
    assert made


def test_donors_of_another_file_are_named(boxes: Path, tmp_path: Path) -> None:
    content = load(boxes / "train_all.json")
    content["images"][2]["trashdata"] = {"background_image_id": 0}
    own = {"donor_image_id": 1, "donor_annotation_id": 1, "donor_json": "other.json"}
    content["annotations"][2]["trashdata"] = own
    write_json(boxes / "train_all.json", content)
    *_, photo = page_of(boxes, tmp_path).gallery["photos"]
    background, donor = photo["parts"]
    assert background["photo"] == 0
    assert (donor["photo"], donor["name"]) == (None, "image 1 of other.json")


def test_odd_provenance_leads_to_no_photo(boxes: Path, tmp_path: Path) -> None:
    content = load(boxes / "train_all.json")
    content["images"][2]["trashdata"] = {"background_image_id": ["a"]}
    content["annotations"][2]["trashdata"] = {"donor_image_id": {}, "donor_annotation_id": []}
    content["annotations"][1]["trashdata"] = {"donor_image_id": 77, "donor_annotation_id": "5"}
    write_json(boxes / "train_all.json", content)
    _, one, two = page_of(boxes, tmp_path).gallery["photos"]
    assert [(part["name"], part["photo"]) for part in one["parts"]] == [("image 77", None)]
    assert two["parts"] == []
    assert len(page_of(boxes, tmp_path, num=2).gallery["photos"]) == 2


def test_pictures_are_small_webp(mixed: Path, tmp_path: Path) -> None:
    page = page_of(mixed, tmp_path, json="mixed.json")
    for photo, text in zip(page.gallery["photos"], page.pictures, strict=True):
        with Image.open(io.BytesIO(base64.b64decode(text))) as picture:
            assert (picture.format, list(picture.size)) == ("WEBP", photo["small"])
        original = cv2.imread(str(mixed / photo["name"]))
        encoded = np.frombuffer(base64.b64decode(text), dtype=np.uint8)
        small = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        assert original is not None
        assert small is not None
        assert np.abs(original.astype(int) - small).mean() < 12


# --- which photos ---------------------------------------------------------------------------


def test_a_drawn_synthetic_photo_brings_its_sources(mixed: Path) -> None:
    document = read_document(mixed / "mixed.json")
    drawn = Counter[str]()
    for seed in range(30):
        chosen = choose_photos(document, 8, seed)
        assert len(chosen) <= 8
        ids = {image.id for image in chosen}
        assert [image.id for image in chosen] == sorted(ids)
        for image in chosen:
            background = image.trashdata.get("background_image_id")
            assert background is None or background in ids
            drawn["synthetic"] += background is not None
    assert drawn["synthetic"]
    assert choose_photos(document, 8, 3) == choose_photos(document, 8, 3)


def test_repeats_are_left_out(boxes: Path, tmp_path: Path) -> None:
    content = load(boxes / "train_all.json")
    content["images"].append(content["images"][0] | {"id": 50, "trashdata": {"repeat_of": 0}})
    write_json(boxes / "train_all.json", content)
    page = page_of(boxes, tmp_path)
    assert len(page.gallery["photos"]) == 3
    assert "1 repeats" in page.words


# --- photos that are missing or broken ------------------------------------------------------


def test_missing_and_broken_photos_are_said(mixed: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(mixed, tmp_path / "data"))
    names = [
        photo["name"] for photo in page_of(data, tmp_path, json="mixed.json").gallery["photos"]
    ]
    (data / names[0]).unlink()
    (data / names[1]).write_bytes((data / names[1]).read_bytes()[:400])
    Image.new("RGB", (7, 9)).save(data / names[2])
    reporter = Reporter()
    out = tmp_path / "broken.html"
    outcome = report(data, ReportOptions(json="mixed.json", out=out), reporter=reporter)
    page = read_page(out)
    faults = [photo["fault"] for photo in page.gallery["photos"]]
    assert faults[0] == "no file"
    assert "ends in its middle" in faults[1]
    assert faults[2] == "7 x 9"
    assert faults[3:] == [None] * (len(faults) - 3)
    assert page.pictures[:3] == ["", "", ""]
    assert all(page.pictures[3:])
    assert outcome.counts["without_picture"] == 3
    assert [w for w in reporter.warnings if w.startswith(f"3 of {len(faults)} photos")]
    assert f"3 of {len(faults)} photos can't be shown" in page.words
    assert all(photo["objects"] for photo in page.gallery["photos"][:3])


def test_without_any_photo(boxes: Path, tmp_path: Path) -> None:
    page = page_of(boxes, tmp_path)
    assert "None of the photos can be shown (no file)" in page.words


# --- what may stand in the files ------------------------------------------------------------


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    data = hostile_set(tmp_path / "hostile")
    make_run(tmp_path / "run")
    page = page_of(data, tmp_path, run=str(tmp_path / "run"))
    assert [tag for tag, _ in page.tags].count("script") == 3
    assert not any("onerror" in attributes for _, attributes in page.tags)
    assert HOSTILE_CLASS in page.text
    gallery = page.gallery
    assert gallery["classes"][0]["name"] == HOSTILE_CLASS
    names = [photo["name"] for photo in gallery["photos"]]
    assert names[0] == HOSTILE_FILE.replace("\u2028", "\\u2028")
    assert names[1] == "bell\\x07 and\\nline.jpg"
    assert names[2] == "{{ 7 * 7 }}.jpg"
    assert gallery["photos"][0]["fault"] is None


def test_endless_scores_are_no_scores(boxes: Path, tmp_path: Path) -> None:
    text = (boxes / "train_all.json").read_text(encoding="utf-8")
    for number, score in enumerate(("1e999", '"high"', "true")):
        text = text.replace(
            f'{{"id": {number}, "image_id"', f'{{"score": {score}, "id": {number}, "image_id"'
        )
    assert text.count('"score"') == 3
    (boxes / "train_all.json").write_text(text, encoding="utf-8")
    gallery = page_of(boxes, tmp_path).gallery
    assert [photo["score"] for photo in gallery["photos"]] == [None, None, None]


def test_a_file_without_anything(tmp_path: Path) -> None:
    write_json(tmp_path / "train_all.json", {"images": [], "annotations": [], "categories": []})
    page = page_of(tmp_path, tmp_path)
    assert page.gallery == {"classes": [], "photos": [], "others": []}
    assert page.words.startswith("train_all.json")


def test_more_classes_than_colours(boxes: Path, tmp_path: Path) -> None:
    content = load(boxes / "train_all.json")
    content["categories"] += [{"id": k, "name": f"class {k}"} for k in range(3, 301)]
    write_json(boxes / "train_all.json", content)
    page = page_of(boxes, tmp_path)
    colours = [entry["colour"] for entry in page.gallery["classes"]]
    assert len(colours) == 300
    assert colours[254] == colours[0]
    assert "Others on its photos" in page.words


# --- the command ----------------------------------------------------------------------------


def test_command(mixed: Path, tmp_path: Path, run_cli: RunCli) -> None:
    done = run_cli("report", "--data", mixed, "--json", "mixed.json", "--json-summary")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["outputs"] == ["report.html"]
    assert summary["counts"]["shown"] == summary["counts"]["photos"] == 24
    assert summary["counts"]["bytes"] == (tmp_path / "report.html").stat().st_size
    assert len(summary["inputs"]) == 25
    again = run_cli("report", "--data", mixed, "--json", "mixed.json")
    assert again.returncode == 2
    assert again.stderr.startswith("Error: --out report.html: expected a new file")
    quiet = run_cli("report", "--data", mixed, "--json", "mixed.json", "--overwrite", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("json_name", "images", "photos"),
    [
        ("recycling-512/train_all.json", "recycling-512", 40),
        ("coco-mini/instances_val2017.json", "coco-mini/val2017", 40),
        ("taco/annotations.json", "taco", 40),
    ],
)
def test_real_sets(
    json_name: str, images: str, photos: int, shared_data: Path, tmp_path: Path
) -> None:
    page = page_of(
        (shared_data / json_name).parent,
        tmp_path,
        json=Path(json_name).name,
        images=shared_data / images,
        num=photos,
    )
    assert len(page.gallery["photos"]) == photos
    shown = sum(map(bool, page.pictures))
    assert shown == (0 if "taco" in json_name else photos)
