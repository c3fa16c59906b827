"""File names and sizes of images."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

from .base import ALL, HEIGHT, WIDTH, Case, changed, encoded, image, kinds, lacking


def _renamed(name: str, index: int = 2) -> Callable[[Path], None]:
    """Call image 3 and its photo so."""

    def spoil(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(index + 1))
        image(index, file_name=name)(folder)

    return spoil


def _both(one: Callable[[Path], None], two: Callable[[Path], None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        one(folder)
        two(folder)

    return spoil


def _leaves(name: str, file_name: str) -> Case:
    says = "image 3: expected a file_name relative to the image root"
    return Case(name, image(file_name=file_name), kinds("file-name-leaves"), says, ALL)


def _works(name: str, file_name: str) -> Case:
    return Case(name, _renamed(file_name), kinds())


def _size(name: str, width: object, height: object) -> Case:
    says = f"image 3: .* found {width} x {height}"
    return Case(
        name,
        image(width=width, height=height),
        kinds("image-size", "photo-size"),
        says,
        ALL,
    )


_ACCENTED = "batch_2/é.jpg"

CASES = [
    _leaves("name that is absolute", "/etc/passwd"),
    _leaves("name that climbs out", "../0003.jpg"),
    _leaves("name that climbs out on its way", "batch_2/../../0003.jpg"),
    _leaves("name with a drive", "C:\\photos\\0003.jpg"),
    _leaves("name that climbs out with backslashes", "..\\0003.jpg"),
    _leaves("name of a share", "\\\\server\\photos\\0003.jpg"),
    _leaves("empty name", ""),
    _leaves("name that is a dot", "."),
    _leaves("name with a zero", "batch_2/0003\0.jpg"),
    Case(
        "name that is a URL",
        image(file_name="https://example.org/3.jpg"),
        kinds("photo-missing"),
        "https:/example.org/3.jpg: .* no file",
        kinds("preview", "copy-paste"),
    ),
    Case(
        "backslashes for folders",
        image(file_name="batch_2\\0003.jpg"),
        kinds("file-name-backslash", "photo-missing"),
        "no file",
        kinds("preview", "copy-paste"),
    ),
    Case("backslash in a photo's name", _renamed("batch_2\\3.jpg"), kinds("file-name-backslash")),
    Case("line break in a name", _renamed("batch_2/00\n03.jpg"), kinds("file-name-control")),
    Case("escape code in a name", _renamed("batch_2/\x1b[31m3.jpg"), kinds("file-name-control")),
    _works("name in other scripts", "партия 2/写真 ☂ صورة.jpg"),
    _works("name with blanks and quotes", 'batch 2/ it\'s "3" $x% .jpg'),
    _works("name like an option", "--out/-3.jpg"),
    _works("name of markup", "</script><b>[red]3.jpg"),
    _works("hidden name", ".hidden/.3.jpg"),
    _works("name with two dots in a row", "batch_2/a..b.jpg"),
    _works("name without an ending", "batch_2/0003"),
    Case(
        "names that differ by case",
        _renamed("batch_1/0002.JPG"),
        kinds("file-name-case"),
        "a unique (mask )?name",
        kinds("masks"),
    ),
    Case(
        "names that differ by the form of accents",
        _both(_renamed(_ACCENTED), _renamed(unicodedata.normalize("NFD", _ACCENTED), 3)),
        kinds("file-name-case"),
    ),
    Case(
        "name of 300 bytes",
        image(file_name="batch_2/" + "x" * 296 + ".jpg"),
        kinds("file-name-long", "photo-missing"),
        "image 3: .* one of 300 bytes",
        ALL,
    ),
    Case(
        "name a number",
        image(file_name=3),
        kinds("record-malformed"),
        "int instead of str in file_name",
        ALL,
    ),
    _size("width 0", 0, HEIGHT),
    _size("negative height", WIDTH, -HEIGHT),
    _size("100,000 x 100,000", 100_000, 100_000),
    _size("width beyond 64 bits", 10**25, HEIGHT),
    Case(
        "width as text",
        image(width=str(WIDTH)),
        kinds("record-malformed"),
        "image 3 .* str instead of int in width",
        ALL,
    ),
    Case(
        "no width",
        lacking("images", 2, "width"),
        kinds("record-malformed"),
        "image 3 .* no width",
        ALL,
    ),
    Case(
        "width and height swapped",
        image(width=HEIGHT, height=WIDTH),
        kinds("photo-size", "bbox-outside"),
        "48 x 72 .* found 72 x 48",
        kinds("preview", "copy-paste"),
        notes=kinds(),
    ),
    Case(
        "valid_box outside",
        image(trashdata={"valid_box": [0, 0, 500, 500]}),
        kinds("valid-box"),
        "image 3: .*valid_box",
        ALL,
    ),
    Case(
        "valid_box no box",
        image(trashdata={"valid_box": "all"}),
        kinds("valid-box"),
        "image 3: .*valid_box",
        ALL,
    ),
    Case("valid_box", image(trashdata={"valid_box": [0, 0, 60, 40]}), kinds()),
    Case(
        "repeat of an image",
        changed(
            lambda c: c["images"].append({**c["images"][0], "id": 7, "trashdata": {"repeat_of": 1}})
        ),
        kinds(),
    ),
]
