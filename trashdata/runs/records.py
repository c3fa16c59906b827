"""What runs write down: their identity, the files they wrote, their shards."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import Any

import msgspec

# Their versions decide pixels, or the bytes that hold them.
_PIXEL_LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "pycocotools", "zlib-ng")


class FileEntry(msgspec.Struct, frozen=True, order=True):
    """A written file: the root it lies under by name, its path there, and its content."""

    root: str
    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a finished run wrote, from what; ``summary`` is what its command reported."""

    identity: dict[str, Any]
    photos: dict[str, str]
    files: list[FileEntry]
    summary: dict[str, Any]


class ShardRecord(msgspec.Struct, frozen=True):
    """A finished shard: the files it wrote, and the SHA-256 of the photos it read, by name."""

    files: list[FileEntry] = []
    photos: dict[str, str] = {}


def run_identity(
    command: str, options: Mapping[str, Any], inputs: Mapping[str, str]
) -> dict[str, Any]:
    """What makes two runs the same: command, options, inputs' hashes, the libraries' versions."""
    identity = {
        "command": command,
        "options": dict(options),
        "inputs": dict(inputs),
        "versions": library_versions(),
    }
    # As it will be read back: tuples are lists in JSON.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(identity))
    return plain


def library_versions() -> dict[str, str]:
    """The versions of the libraries that decide pixels."""
    return {name: metadata.version(name) for name in _PIXEL_LIBRARIES}
