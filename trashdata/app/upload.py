"""The photo that was uploaded to the page."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.errors import UserError
from trashdata.names import leaves_root
from trashdata.photo_bytes import PhotoError, check_whole, decode
from trashdata.photos import ExifRule, photo_error


def photo_name(name: str) -> str:
    """A ``file_name`` for the photo: its name without folders.

    >>> photo_name("cup 1.jpg"), photo_name("../up/cup.jpg"), photo_name("..")
    ('cup 1.jpg', 'cup.jpg', 'photo.jpg')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    return "photo.jpg" if leaves_root(last) or not last.isprintable() else last


def read_upload(name: str, content: bytes, exif: ExifRule = "auto") -> NDArray[np.uint8]:
    """Pixels (H, W, 3) uint8 RGB of a photo's bytes.

    There is no COCO file with the photo's size. So ``auto`` applies the EXIF orientation, as
    viewers do.

    Raises
    ------
    UserError : truncated, damaged, or not a photo.
    """
    turned = 0 if exif != "ignore" else cv2.IMREAD_IGNORE_ORIENTATION
    try:
        check_whole(content)
        return decode(content, cv2.IMREAD_COLOR_RGB | turned)
    except PhotoError as fault:
        error = photo_error(Path(), name, fault)
        raise UserError(
            error.where, expected=error.expected, found=error.found, advice="choose another photo"
        ) from None
