"""cpauger: objects of one class pasted onto photos, with a COCO file of the result."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from cpauger.crop_obj import collate_all_crops
from cpauger.paste_obj import paste_crops_on_bkgs
from timing import run


def work(given: dict[str, Any], out: Path) -> None:
    # It looks up photos by the last part of their names.
    content = json.loads(Path(given["json"]).read_bytes())
    flat = out / "flat"
    flat.mkdir()
    for image in content["images"]:
        name = f"{image['id']}.jpg"
        (flat / name).symlink_to(Path(given["images"], image["file_name"]).resolve())
        image["file_name"] = name
    labels = out / "flat.json"
    labels.write_text(json.dumps(content))
    patch = next(one["id"] for one in content["categories"] if one["name"] == given["patch"])
    holding = {one["image_id"] for one in content["annotations"] if one["category_id"] == patch}
    # `crop_paste_obj` does these two steps, and draws the result.
    with contextlib.redirect_stdout(io.StringIO()):
        crops = collate_all_crops(
            object_to_cropped=[given["patch"]],
            imgnames_for_crop=[f"{key}.jpg" for key in sorted(holding)],
            img_dir=str(flat),
            coco_ann_file=str(labels),
        )
        paste_crops_on_bkgs(
            bkgs=[str(flat / image["file_name"]) for image in content["images"]][: given["num"]],
            all_crops=crops,
            objs_paste_num={given["patch"]: 1},
            output_img_dir=str(out / "images"),
            save_coco_ann_as=str(out / "pasted.json"),
            sample_location_randomly=True,
        )


run(work)
