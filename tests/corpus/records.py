"""Ids and names: missing, mistyped, twice, too large, referring to nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .base import ALL, NONE, Case, Content, annotation, changed, image, kinds, lacking


def _twice(key: str, **fields: Any) -> Callable[[Path], None]:
    return changed(lambda made: made[key].append({**made[key][0], **fields}))


def _ids(change: Callable[[int], int]) -> Callable[[Path], None]:
    """Give every image and category another id."""

    def renumber(made: Content) -> None:
        for record in made["images"] + made["categories"]:
            record["id"] = change(record["id"])
        for record in made["annotations"]:
            record["image_id"] = change(record["image_id"])
            record["category_id"] = change(record["category_id"])

    return changed(renumber)


def _malformed(name: str, spoil: Callable[[Path], None], says: str) -> Case:
    return Case(name, spoil, kinds("record-malformed"), says, ALL)


CASES = [
    Case("image twice", _twice("images"), kinds("id-twice"), "image 1: .* more than once", ALL),
    Case(
        "image id twice",
        _twice("images", file_name="batch_1/0002.jpg", height=9),
        kinds("id-twice", "name-twice"),
        "image 1: .* more than once",
        ALL,
    ),
    Case(
        "category twice", _twice("categories"), kinds("id-twice"), "category 1: .* than once", ALL
    ),
    Case(
        "category id twice",
        _twice("categories", name="Glass"),
        kinds("id-twice"),
        "category 1: .* more than once",
        ALL,
    ),
    Case(
        "annotation id twice",
        _twice("annotations", image_id=2),
        kinds("annotation-id-twice"),
        "annotation 1: .* more than once",
        kinds("copy-paste"),
    ),
    Case(
        "file name twice",
        _twice("images", id=9),
        kinds("name-twice"),
        "image 9: .* 'batch_2/0001.jpg', as image 1",
        ALL,
    ),
    Case(
        "class name twice",
        _twice("categories", id=9),
        kinds("name-twice"),
        "category 9: .* 'Paper' a second time",
        ALL,
    ),
    Case(
        "image that isn't there",
        annotation(image_id=99),
        kinds("image-unknown"),
        "annotation 5: .* image_id 99",
        ALL,
    ),
    Case(
        "class that isn't there",
        annotation(category_id=99),
        kinds("category-unknown"),
        "annotation 5: .* category_id 99",
        ALL,
    ),
    _malformed("annotation without image", lacking("annotations", 4, "image_id"), "no image_id"),
    _malformed(
        "annotation without class", lacking("annotations", 4, "category_id"), "no category_id"
    ),
    _malformed("annotation without id", lacking("annotations", 4, "id"), "number 5 .* no id"),
    _malformed("id as text", annotation(id="5"), "annotation 5 .* str instead of int in id"),
    _malformed("id as a word", annotation(id="five"), "annotation five .* str instead of int"),
    _malformed("id with a point", annotation(id=5.0), "5.0 .* float instead of int in id"),
    _malformed("id with a fraction", annotation(id=5.5), "5.5 .* float instead of int in id"),
    _malformed("id true", annotation(id=True), "True .* bool instead of int in id"),
    _malformed("id null", annotation(id=None), "None .* null instead of int in id"),
    _malformed("image_id as text", annotation(image_id="3"), "str instead of int in image_id"),
    _malformed(
        "class name a number",
        changed(lambda c: c["categories"][0].update(name=3)),
        "category 1 .* int instead of str in name",
    ),
    _malformed("image without a name", lacking("images", 2, "file_name"), "no file_name"),
    _malformed("own key no object", image(trashdata=3), "int instead of object in trashdata"),
    Case("ids of 2^60", annotation(id=2**60), kinds("id-huge"), f"annotation {2**60}", ALL),
    Case(
        "image ids of 2^60",
        _ids(lambda number: number + 2**60 if number == 6 else number),
        kinds("id-huge"),
        f"image {2**60 + 6}",
        ALL,
    ),
    Case("id of 30 digits", annotation(id=10**29), kinds("id-huge"), "more than|1000|range", ALL),
    Case("ids from 0", _ids(lambda n: n - 1), kinds(), notes=kinds("category-ids")),
    Case("ids with gaps", _ids(lambda n: 1000 * n), kinds(), notes=kinds("category-ids")),
    Case("negative ids", _ids(lambda n: -n), kinds(), notes=kinds("category-ids")),
    Case(
        "no image",
        changed(lambda c: c.update(images=[], annotations=[])),
        kinds(),
        "found none|no photo|expected",
        kinds("preview", "copy-paste", "kfold"),
    ),
    Case(
        "no annotation",
        changed(lambda c: c.update(annotations=[])),
        kinds(),
        "at least one class|Battery|single object",
        kinds("copy-paste", "kfold"),
    ),
    Case(
        "no class",
        changed(lambda c: c.update(annotations=[], categories=[])),
        kinds(),
        "at least one class|Battery",
        kinds("copy-paste", "kfold"),
    ),
    Case(
        "a class without objects",
        changed(lambda c: c["categories"].append({"id": 3, "name": "Glass"})),
        kinds(),
        refused_by=NONE,
    ),
    Case(
        "class called </script><script>",
        changed(lambda c: c["categories"][0].update(name="</script><script>alert(1)")),
        kinds(),
    ),
    Case(
        "class of terminal codes",
        changed(lambda c: c["categories"][0].update(name="\x1b[2J\x1b]0;mine\x07")),
        kinds(),
    ),
    Case(
        "class of another script",
        changed(lambda c: c["categories"][0].update(name="紙 / бумага $x_1$ {paper}")),
        kinds(),
    ),
    Case(
        "class called ignore", changed(lambda c: c["categories"][0].update(name="ignore")), kinds()
    ),
]
