"""The readers of CSV: a competition's label maps, and class maps."""

from __future__ import annotations

from collections.abc import Iterator

from trashdata.pseudo_label.labels.sources.from_csv import read_csv

from trashdata.coco.document import ImageRecord
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.filter.class_map import read_class_map

from .promises import check_sentence, folder

SIDE, CHANNELS = 2, 4
IMAGES = [
    ImageRecord(1, "a.jpg", 4, 3),
    ImageRecord(2, 'b,"x".jpg', 2, 2),
    ImageRecord(3, "é/c d.jpg", 1, 1),
]

DICTIONARY = (
    *("image_id,PredictionString\n", "a.jpg,", '"b,""x"".jpg",', "é/c d.jpg,", "0 1 2 3\n"),
    *("from,to\n", "from,to\r\n", '"', '""', ",", "\r", "\r\n", "\n", "\x00", "\xff", "3 3"),
)

_SOUND = (
    b"image_id,PredictionString\n"
    b'a.jpg,0 1 2 3\n"b,""x"".jpg","3 3 3 3"\n\xc3\xa9/c d.jpg, 0 0  0 0\n'
)


def seeds() -> Iterator[bytes]:
    yield b"\x00" + _SOUND
    yield b"\x00\xef\xbb\xbf" + _SOUND.replace(b"\n", b"\r\n")
    yield b"\x00" + _SOUND.replace(b"3 3", b"3 4")
    yield b"\x01from,to\nDrink can,Metal\nCigarette,\n"
    yield b'\x01\xef\xbb\xbffrom,to\r\n"a ""b"", c",d\r\n'
    yield b"\x01from,to\na,b\ra,b"
    yield b"\x01from,to\n" + b'"' + b"a" * 200_000


def check(data: bytes) -> None:
    path = folder() / "table.csv"
    path.write_bytes(data[1:])
    try:
        if data[:1] < b"\x01":
            _check_label_maps()
        else:
            _check_class_map()
    except UserError as error:
        check_sentence(error)


def _check_label_maps() -> None:
    path = folder() / "table.csv"
    read = read_csv(
        path, IMAGES, side=SIDE, channels=CHANNELS, file="train.json", reporter=Reporter()
    )
    for place, image in enumerate(IMAGES):
        labels, steps = read.labels(place, image)
        assert labels.shape == (image.height, image.width)
        assert labels.max() < CHANNELS
        assert steps is None


def _check_class_map() -> None:
    for old, new in read_class_map(str(folder() / "table.csv")).items():
        assert old
        assert new is None or new
