"""Paths of inputs and outputs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashdata.errors import UserError, printable
from trashdata.names import leaves_root

DEFAULT_DATA = Path("input/data")


@dataclass(frozen=True)
class DataFolders:
    """The data folder with its JSON files, and the root that every ``file_name`` is relative to."""

    data: Path
    images: Path

    @classmethod
    def of(cls, data: Path | str = DEFAULT_DATA, images: Path | str | None = None) -> DataFolders:
        """Check the folders; ``images`` defaults to the data folder."""
        data = _folder(Path(data), "--data")
        return cls(data, data if images is None else _folder(Path(images), "--images"))

    def input_json(self, json: Path | str) -> Path:
        """Path of a JSON file, given as a name in the data folder or as a path."""
        inside = self.data / json
        return inside if inside.exists() or not Path(json).exists() else Path(json)

    def output_name(self, out: str, option: str = "--out", *, folder: bool = False) -> str:
        """Check an output name in the data folder: neither a path nor hidden.

        An ending of ``.json`` is dropped; for a ``folder`` it is refused.
        """
        if folder and out.endswith(".json"):
            raise UserError(
                f"{option} {printable(out)!r}",
                expected="the name of a folder",
                found="that of a JSON file",
                advice="give a name such as masks",
            )
        name = out.removesuffix(".json")
        plain = name and "/" not in name and "\\" not in name and not name.startswith(".")
        if not plain or leaves_root(name) or not name.isprintable():
            raise UserError(
                f"{option} {printable(out)!r}",
                expected="a plain name inside the data folder",
                found="a path or an empty or hidden name",
                advice="give a name such as copy_paste, and the folder with --data",
            )
        return name


def _folder(path: Path, option: str) -> Path:
    if not path.is_dir():
        raise UserError(
            f"{option} {path}",
            expected="a folder",
            found="a file" if path.exists() else "nothing",
            advice="check the path, or make a sample set with 'trashdata sample'",
        )
    return path


def file_labels(paths: Sequence[Path]) -> tuple[str, ...]:
    """Names of files for messages: file names, or full paths if two are equal."""
    names = tuple(path.name for path in paths)
    return names if len(set(names)) == len(names) else tuple(map(str, paths))


def output_path(out: Path | str, suffix: str = ".png") -> Path:
    """Check the path of a picture or page: a name with this ending, in an existing folder.

    A relative path must stay in the working folder; an absolute path is unambiguous and may be
    anywhere.
    """
    path = Path(out)
    where = f"--out {printable(str(out))}"
    example = "sheet.png" if suffix == ".png" else f"report{suffix}"
    if path.suffix.lower() != suffix:
        found = f"the ending {printable(path.suffix)!r}" if path.suffix else "no ending"
        advice = f"give a name such as {example}"
        raise UserError(where, expected=f"a name that ends in {suffix}", found=found, advice=advice)
    inside = Path(os.path.realpath(path.parent)).is_relative_to(Path.cwd().resolve())
    if not path.is_absolute() and (Path(os.path.normpath(path)).parts[0] == ".." or not inside):
        raise UserError(
            where,
            expected="a path under the working folder",
            found="one that leaves it",
            advice=f"give a name such as {example}, or an absolute path",
        )
    if not path.parent.is_dir():
        folder = printable(str(path.parent))
        found = f"{folder}, which is a file" if path.parent.exists() else f"no folder {folder}"
        advice = "make the folder first or choose another"
        raise UserError(where, expected="a folder that exists", found=found, advice=advice)
    return path


def refuse_input_as_output(output: Path, inputs: Iterable[Path], option: str = "--out") -> None:
    """Refuse an output that is one of the inputs."""
    for path in inputs if output.exists() else ():
        if path.exists() and output.samefile(path):
            raise UserError(
                f"{option} {output.name}",
                expected="another file than the inputs",
                found=f"{path.name}, which is read",
                advice="choose another name",
            )
