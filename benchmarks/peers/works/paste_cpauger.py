"""cpauger: objects of one class pasted onto photos, with a COCO file of the result."""

import json
from pathlib import Path
from typing import Any

from cpauger.augment_image import crop_paste_obj
from timing import run


def work(given: dict[str, Any], out: Path) -> None:
    content = json.loads(Path(given["json"]).read_bytes())
    root = Path(given["images"])
    named = {category["id"]: category["name"] for category in content["categories"]}
    holding = {
        one["image_id"]
        for one in content["annotations"]
        if named[one["category_id"]] == given["patch"]
    }
    names = {image["id"]: image["file_name"] for image in content["images"]}
    backgrounds = [str(root / name) for name in names.values()][: given["num"]]
    crop_paste_obj(
        object_to_cropped=[given["patch"]],
        imgnames_for_crop=[names[key] for key in sorted(holding)],
        img_dir=str(root),
        coco_ann_file=given["json"],
        bkgs=backgrounds,
        objs_paste_num={given["patch"]: 1},
        output_img_dir=str(out / "images"),
        save_coco_ann_as=str(out / "pasted.json"),
        sample_location_randomly=True,
    )


run(work)
