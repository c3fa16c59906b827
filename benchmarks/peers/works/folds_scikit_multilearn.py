"""scikit-multilearn: five folds of the photos of a COCO file, balanced by the classes they hold."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from skmultilearn.model_selection import IterativeStratification
from timing import run


def work(given: dict[str, Any], out: Path) -> None:
    content = json.loads(Path(given["json"]).read_bytes())
    rows = {image["id"]: row for row, image in enumerate(content["images"])}
    columns = {category["id"]: k for k, category in enumerate(content["categories"])}
    held = np.zeros((len(rows), len(columns)), dtype=int)
    for annotation in content["annotations"]:
        held[rows[annotation["image_id"]], columns[annotation["category_id"]]] = 1
    folds = np.zeros(len(rows), dtype=int)
    splitter = IterativeStratification(n_splits=5, order=1)
    for fold, (_, validation) in enumerate(splitter.split(held, held)):
        folds[validation] = fold
    (out / "folds.json").write_text(json.dumps(folds.tolist()))


run(work)
