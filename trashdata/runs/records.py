"""Records of runs: their identity, files, and shards."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import Any

import msgspec

# Their versions decide pixels, or the encoded bytes.
_PIXEL_LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "pycocotools", "zlib-ng")


class FileEntry(msgspec.Struct, frozen=True, order=True):
    """A written file: the name of its root, its path relative to it, and its hash."""

    root: str
    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """The manifest: files, inputs and identity of a finished run; ``summary``: of its command."""

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
    """The identity of a run: command, options, hashes of inputs, versions of libraries."""
    identity = {
        "command": command,
        "options": dict(options),
        "inputs": dict(inputs),
        "versions": library_versions(),
    }
    # As it is read from JSON, where tuples become lists.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(identity))
    return plain


def library_versions() -> dict[str, str]:
    """The versions of the libraries that decide pixels."""
    return {name: metadata.version(name) for name in _PIXEL_LIBRARIES}
