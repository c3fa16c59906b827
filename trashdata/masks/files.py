"""Label PNGs in a folder, and their photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from trashdata.errors import UserError, printable
from trashdata.photos import SUFFIXES


def mask_files(folder: Path) -> list[str]:
    """Relative names of the PNGs in a folder and its subfolders, sorted; hidden ones left out."""
    where = f"MASKS_DIR {printable(str(folder))}"
    advice = "give the folder that 'trashdata masks' wrote, or one like it"
    if not folder.is_dir():
        found = "a file" if folder.exists() else "nothing"
        raise UserError(where, expected="a folder", found=found, advice=advice)
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    seen = [name for name in files if not any(part[0] == "." for part in name.split("/"))]
    masks = sorted(name for name in seen if name.lower().endswith(".png"))
    if not masks:
        found = f"none among {len(seen)} files" if seen else "no file"
        raise UserError(where, expected="label PNGs", found=found, advice=advice)
    for name in masks:
        if name != name.encode("utf-8", "replace").decode():
            found = f"{printable(name)}, a name that is not UTF-8"
            raise UserError(where, expected="names in UTF-8", found=found, advice="rename the file")
    return masks


def photo_names(root: Path, folder: Path, names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Find the photos of masks.

    Parameters
    ----------
    root : the image root.
    folder, names : the masks, as returned by `mask_files`.

    Returns
    -------
    photos : ``file_name`` by mask: that of the photo, or ``.jpg`` if it has none.
    missing : the masks without a photo.

    Raises
    ------
    UserError : two photos fit one mask, or two masks one photo.
    """
    folders: dict[Path, dict[str, list[str]]] = {}
    photos: dict[str, str] = {}
    owners: dict[str, str] = {}
    missing = []
    for name in names:
        path = PurePosixPath(name)
        parent = root / path.parent
        if parent not in folders:
            folders[parent] = _photos_by_stem(parent)
        fitting = folders[parent].get(path.stem, [])
        # If masks are in the image root, they are not taken for photos.
        fitting = [photo for photo in fitting if not _same(parent / photo, folder / name)]
        if len(fitting) > 1:
            raise _two_photos(name, fitting, parent)
        if not fitting:
            missing.append(name)
        photos[name] = str(path.with_name(fitting[0] if fitting else f"{path.stem}.jpg"))
        other = owners.setdefault(photos[name], name)
        if other != name:
            raise _two_masks(name, other, photos[name])
    return photos, missing


def _photos_by_stem(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix.lower() in SUFFIXES and path.is_file():
            found.setdefault(path.stem, []).append(path.name)
    return found


def _same(photo: Path, mask: Path) -> bool:
    return photo.suffix.lower() == ".png" and photo.samefile(mask)


def _two_photos(name: str, fitting: list[str], folder: Path) -> UserError:
    return UserError(
        printable(name),
        expected="one photo for the mask",
        found=f"{printable(' and '.join(fitting))} in {printable(str(folder))}",
        advice="rename or move all but one",
    )


def _two_masks(name: str, other: str, photo: str) -> UserError:
    return UserError(
        printable(name),
        expected="one mask for a photo",
        found=f"{printable(other)} as well for {printable(photo)}",
        advice="remove one of the two",
    )
