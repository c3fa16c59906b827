"""Pascal VOC's folders with palette label PNGs, as mmsegmentation and torchvision read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from trashdata.coco.document import ImageRecord
from trashdata.export.forms.form import Form, Labels, Split
from trashdata.export.names import flat_name
from trashdata.mask_codec.png import encode_label_png
from trashdata.masks.labelmap import label_map


class VocMasks(Form):
    """Photos and masks of all splits together, and a list of names for each split."""

    def photo_path(self, split: Split, image: ImageRecord) -> str:  # noqa: ARG002
        return f"JPEGImages/{flat_name(image.file_name)}"

    def label_path(self, split: Split, image: ImageRecord) -> str:  # noqa: ARG002
        return f"SegmentationClass/{flat_name(image.file_name, '.png')}"

    def labels(self, split: Split, image: ImageRecord) -> Labels:
        return Labels(encode_label_png(label_map(split.document, image)))

    def files(self, splits: Sequence[Split], records: object) -> dict[str, bytes]:  # noqa: ARG002
        names = ["background", *(c.name for c in splits[0].document.class_categories)]
        files = {"classes.txt": "".join(f"{name}\n" for name in names).encode()}
        for split in splits:
            stems = (PurePosixPath(flat_name(i.file_name)).stem for i in split.document.images)
            path = f"ImageSets/Segmentation/{split.name}.txt"
            files[path] = "".join(f"{stem}\n" for stem in stems).encode()
        return files


FORM = VocMasks()
