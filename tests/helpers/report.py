"""Sets and a training run for the tests of the report, and its page as a parser sees it."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
from helpers.coco import load
from PIL import Image
from trashdata.copy_paste import CopyPasteOptions, copy_paste

from trashdata.report import ReportOptions, report

HOSTILE_CLASS = "</script><script>alert(1)</script>"
HOSTILE_FILE = "a\"b'c<img src=x onerror=alert(2)>\u2028&amp;.jpg"


def mixed_set(sample_set: Path, folder: Path) -> Path:
    """The sample set with five synthetic photos, and pseudo-labels on the photos of batch_03."""
    data = Path(shutil.copytree(sample_set, folder))
    options = CopyPasteOptions(num=5, patch=("Battery",), json="train_all.json", out="mixed")
    copy_paste(data, options)
    content = load(data / "mixed.json")
    guessed = {i["id"]: i for i in content["images"] if i["file_name"].startswith("batch_03")}
    for image in guessed.values():
        image["trashdata"] = {"models": [{"run": "exp"}]}
    for number, row in enumerate(a for a in content["annotations"] if a["image_id"] in guessed):
        row["score"] = round(0.5 + number % 50 / 100, 2)
        row["trashdata"] = {"models": [{"run": "exp"}]}
    (data / "mixed.json").write_text(json.dumps(content), encoding="utf-8")
    return data


def borrowed_set(sample_set: Path, folder: Path, num: int = 3) -> Path:
    """The sample set with synthetic photos whose batteries come from ``train_all.json``."""
    data = Path(shutil.copytree(sample_set, folder))
    options = CopyPasteOptions(
        num=num, patch=("Battery",), json="val.json", donors="train_all.json", out="mixed"
    )
    copy_paste(data, options)
    return data


def box_set(folder: Path, photos: int = 3, name: str = "Paper") -> dict[str, Any]:
    """Photos of 40 x 30 pixels with a square each, the files not written; two classes."""
    folder.mkdir(parents=True, exist_ok=True)
    images = [
        {"id": k, "file_name": f"{k:05}.jpg", "width": 40, "height": 30} for k in range(photos)
    ]
    annotations = [
        {
            "id": k,
            "image_id": k,
            "category_id": 1 + k % 2,
            "segmentation": [[5, 5, 15, 5, 15, 15, 5, 15]],
            "area": 100,
            "bbox": [5, 5, 10, 10],
            "iscrowd": 0,
        }
        for k in range(photos)
    ]
    categories = [{"id": 1, "name": name}, {"id": 2, "name": "Battery"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def hostile_set(folder: Path) -> Path:
    """Names that would leave their place in a page that does not escape."""
    content = box_set(folder, photos=4, name=HOSTILE_CLASS)
    content["images"][0]["file_name"] = HOSTILE_FILE
    content["images"][1]["file_name"] = "bell\u0007 and\nline.jpg"
    content["images"][2]["file_name"] = "{{ 7 * 7 }}.jpg"
    write_json(folder / "train_all.json", content)
    Image.new("RGB", (40, 30), (90, 120, 60)).save(folder / HOSTILE_FILE)
    return folder


def write_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def make_run(folder: Path, classes: tuple[str, ...] = ("Paper", HOSTILE_CLASS)) -> Path:
    """A training run of three epochs, as ``trashdata train`` leaves one."""
    folder.mkdir(parents=True)
    names = ["background", *classes]
    header = [
        "epoch",
        "step",
        "lr",
        "loss",
        "miou",
        "miou_foreground",
        *(f"iou {n}" for n in names),
    ]
    with (folder / "metrics.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(header)
        for epoch in (1, 2, 3):
            ious = [0.3 * epoch, 0.1 * epoch, ""]
            rows.writerow([epoch, 9 * epoch, 0.001, 3.2 / epoch, 0.2 * epoch, 0.1 * epoch, *ious])
    matrix = [[90, 10, 0], [25, 75, 0], [0, 0, 0]]
    results = {
        "iou": dict(zip(names, [0.72, 0.6818, None], strict=True)),
        "miou": 0.7009,
        "miou_foreground": 0.6818,
        "pixel_accuracy": 0.825,
        "epochs": 3,
        "best_epoch": 3,
        "confusion": matrix,
    }
    write_json(folder / "results.json", results)
    about = {"options": {"arch": "Unet", "encoder": "resnet18", "lr": 0.001}, "classes": [*classes]}
    write_json(folder / "run.json", about)
    sheet = np.linspace(0, 255, 300 * 200 * 3).reshape(200, 300, 3).astype(np.uint8)
    Image.fromarray(sheet).save(folder / "photos.png")
    return folder


@dataclass
class Page(HTMLParser):
    """What a parser finds in a report: ``scripts`` by id, the ``text`` outside of them."""

    source: str
    scripts: dict[str, str] = field(default_factory=dict)
    text: str = ""
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._inside: str | None = None
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " "
        if tag in ("script", "style"):
            self._inside = dict(attrs).get("id") or tag
            self.scripts[self._inside] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is None:
            self.text += data
        else:
            self.scripts[self._inside] += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    @property
    def gallery(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.scripts["gallery-data"])
        return found

    @property
    def pictures(self) -> list[str]:
        found: list[str] = json.loads(self.scripts["gallery-pictures"])
        return found


def read_page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def page_of(data: Path, tmp_path: Path, images: Path | None = None, **options: Any) -> Page:
    """The page that a report of the data writes into ``tmp_path``."""
    out = tmp_path / "page.html"
    report(data, ReportOptions(out=out, **options), images=images, overwrite=True)
    return read_page(out)
