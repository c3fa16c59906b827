"""Photos with fresh pastes, from Copy-Paste; the one file of train that imports another spoke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.fingerprints import Side
from trashdata.inference.resolution import Resolution
from trashdata.options.config import checked_table, read_toml
from trashdata.options.limits import flag, hints_of
from trashdata.options.presets import preset_values, with_preset
from trashdata.options.shared import Shared
from trashdata.paths import DataFolders

from .options import TrainOptions
from .reading.samples import Source

if TYPE_CHECKING:
    # Type checkers know spokes by the names of their folders.
    from copy_paste import CopyPasteOptions, PasteDataset

PasteOptions: TypeAlias = "CopyPasteOptions"

_TABLE = "copy-paste"
# They plan a photo in view of all photos before it.
_IN_SEQUENCE = ("num", "target", "balance", "max_reuse")


def _spoke() -> Any:
    from trashdata import copy_paste  # type: ignore[attr-defined]

    return copy_paste


@dataclass(frozen=True)
class Pastes:
    """The photos with fresh pastes of a run."""

    dataset: PasteDataset

    def item(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Photo ``number`` (H, W, 3) uint8 RGB, and its label map (H, W) uint8."""
        pasted = self.dataset[number]
        return pasted.photo, pasted.labels

    def sides(self, beside: Sequence[Source]) -> list[Side]:
        """The files that backgrounds and donors come from, without the training files."""
        known = {source.document.path for source in beside}
        files = zip(self.dataset.documents, self.dataset.roots, strict=True)
        return [Side(document, root) for document, root in files if document.path not in known]


def paste_options(options: TrainOptions, config: Path | None = None) -> PasteOptions | None:
    """The options of the pastes; None without pastes.

    ``--paste-patch`` and ``--paste-place`` win over ``--paste-preset``, or over the table
    [copy-paste] of ``config`` where no preset is given.

    Raises
    ------
    UserError : a fault in the table, no such preset, or an option that plans photos in sequence.
    """
    if not options.paste:
        return None
    kind: type[PasteOptions] = _spoke().CopyPasteOptions
    values, where = _values(kind, options, config)
    for name in _IN_SEQUENCE:
        if name in values:
            raise UserError(
                f"{where} {name.replace('_', '-')}",
                expected=f"no {flag(name)} with --paste, which plans each photo by itself",
                found=printable(str(values[name])),
                advice="remove it, or give the pastes their own table by --paste-preset FILE.toml",
            )
    if options.paste_patch:
        values["patch"] = options.paste_patch
    if options.paste_place is not None:
        values["place"] = options.paste_place
    usual = {"seed": options.seed, "exif": options.exif, "fold": options.fold}
    values = {**usual, **values}
    preset = values.pop("preset", None)
    if preset is None:
        return kind(**values)
    return with_preset(kind, preset, **values)


def _values(
    kind: type[PasteOptions], options: TrainOptions, config: Path | None
) -> tuple[dict[str, Any], str]:
    """Values by field, and where they stand."""
    given = options.paste_preset
    if given is not None and not given.endswith(".toml"):
        preset_values(kind, given)
        return {"preset": given}, f"--paste-preset {given}"
    file = config if given is None else Path(given)
    if file is None:
        return {}, ""
    option = "--config" if given is None else "--paste-preset"
    return _table_values(kind, file, option), f"{printable(str(file))}: [{_TABLE}]"


def _table_values(kind: type[PasteOptions], file: Path, option: str) -> dict[str, Any]:
    """The values of the table by field; those about where and how a command works are left out."""
    table = read_toml(file, _TABLE, option).get(_TABLE, {})
    hints = hints_of(kind)
    where = f"{printable(str(file))}: [{_TABLE}]"
    values = checked_table(table, {**hints_of(Shared), **hints}, where)
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name in hints
    }


def open_pastes(
    folders: DataFolders,
    wanted: PasteOptions,
    json: str,
    resolution: Resolution,
    reporter: Reporter,
) -> Pastes:
    """Read what photos with pastes are made of.

    Parameters
    ----------
    json : the training file that photos are pasted onto, unless the options name another one.
    resolution : of the model; photos that it sees resized are planned and made at its size.

    Raises
    ------
    UserError : see `trashdata.copy_paste.PasteDataset`.
    """
    if wanted.fold is None and wanted.json == type(wanted).json:
        wanted = replace(wanted, json=json)
    if wanted.size is None and resolution.mode == "resize":
        wanted = replace(wanted, size=resolution.size)
    return Pastes(
        _spoke().PasteDataset(folders.data, wanted, images=folders.images, reporter=reporter)
    )


def as_plain(wanted: PasteOptions | None) -> dict[str, Any] | None:
    """The options as plain types, for the run folder."""
    if wanted is None:
        return None
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asdict(wanted)))
    return {name: value for name, value in plain.items() if value not in (None, [])}


def from_plain(plain: Mapping[str, Any] | None) -> PasteOptions | None:
    """The options of a run folder; see `as_plain`."""
    if plain is None:
        return None
    kind: type[PasteOptions] = _spoke().CopyPasteOptions
    return msgspec.convert(plain, kind)
