"""The options of masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trashdata.options.limits import check_options
from trashdata.options.shared import JsonName


@dataclass(frozen=True)
class MasksOptions:
    """Options of masks: the file, and the folder of its label PNGs."""

    command: ClassVar[str] = "masks"

    json: JsonName = "train_all.json"
    """COCO file."""

    out: str = "masks"
    """Folder in the data folder."""

    def __post_init__(self) -> None:
        check_options(self)
