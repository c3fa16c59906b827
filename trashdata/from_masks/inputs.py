"""Inputs of from-masks: the masks' names and photos, and their classes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trashdata.classes import CLASS_FILE, ClassFile, read_class_file
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.from_masks.options import FromMasksOptions
from trashdata.masks.files import mask_files, photo_names
from trashdata.palette import IGNORE_INDEX
from trashdata.paths import DataFolders
from trashdata.runs.hashes import file_sha256


@dataclass(frozen=True)
class Inputs:
    """The masks in ``folder``, by name; image ids count them from 1.

    ``photos``: ``file_name`` by mask, under ``images``; ``found``: the masks whose photo exists.
    """

    folder: Path
    names: list[str]
    images: Path
    photos: dict[str, str]
    found: frozenset[str]
    class_path: Path
    class_sha256: str
    class_file: ClassFile

    @property
    def ignore_id(self) -> int:
        """The category id of ignore regions."""
        return max((row.id for row in self.class_file.classes), default=0) + 1


def read_inputs(folders: DataFolders, options: FromMasksOptions, reporter: Reporter) -> Inputs:
    """Find the masks and their photos, and read the class file.

    Raises
    ------
    UserError : no masks, a fault in the class file, two photos that fit one mask.
    """
    folder = options.masks_dir
    names = mask_files(folder)
    class_path = folder / CLASS_FILE if options.classes is None else options.classes
    class_file = read_class_file(class_path)
    _check_class_file(class_path, class_file, reporter)
    photos, missing = photo_names(folders.images, folder, names)
    if missing:
        reporter.warn(
            f"{len(missing)} of {len(names)} masks have no photo under {folders.images}, the first "
            f"is {missing[0]}; their file_name ends in .jpg."
        )
    found = frozenset(names) - frozenset(missing)
    return Inputs(
        folder,
        names,
        folders.images,
        photos,
        found,
        class_path,
        file_sha256(class_path),
        class_file,
    )


def _check_class_file(path: Path, content: ClassFile, reporter: Reporter) -> None:
    where = printable(str(path))
    if (content.background, content.ignore) != (0, IGNORE_INDEX):
        raise UserError(
            where,
            expected=f"background 0 and ignore {IGNORE_INDEX}",
            found=f"background {content.background} and ignore {content.ignore}",
            advice="renumber the masks",
        )
    for field in ("id", "name"):
        values = [getattr(row, field) for row in content.classes]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            found = f"{printable(str(twice))!r} twice"
            raise UserError(
                where,
                expected=f"a different {field} for each class",
                found=found,
                advice="correct one of them",
            )
    ranked = sorted(content.classes, key=lambda row: row.id)
    if [row.index for row in ranked] != list(range(1, len(ranked) + 1)):
        reporter.warn(
            f"{path.name}: its indices do not follow the ids, and 'trashdata masks' numbers "
            "classes by rising id; masks painted again will have other indices."
        )
