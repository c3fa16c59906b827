"""datumaro: two COCO files without their photos into one."""

import shutil
from pathlib import Path
from typing import Any

from datumaro.components.dataset import Dataset
from datumaro.components.hl_ops import HLOps
from timing import run


def work(given: dict[str, Any], out: Path) -> None:
    sets = []
    for name in ("one", "two"):
        folder = out / name / "annotations"
        folder.mkdir(parents=True)
        # It wants the folder of the photos, even if it is empty.
        (out / name / "images" / "train").mkdir(parents=True)
        shutil.copyfile(given[name], folder / "instances_train.json")
        sets.append(Dataset.import_from(str(out / name), "coco_instances"))
    merged = HLOps.merge(*sets, merge_policy="union")
    merged.export(str(out / "merged"), "coco_instances", save_media=False)


run(work)
