"""Photos with fresh pastes, from Copy-Paste; the one file of train that imports another spoke."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

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
# Other photos are tried instead of one that nothing can be pasted onto, far from those of a run.
_TRIES, _FAR = 5, 1 << 40
_TRIED_FIRST = 8


def _spoke() -> Any:
    from trashdata import copy_paste  # type: ignore[attr-defined]

    return copy_paste


Made = TypeVar("Made")


def _first_that_fits(make: Callable[[int], Made], number: int) -> Made:
    nothing_fits: type[UserError] = _spoke().NothingFitsError
    for index in range(_TRIES):
        try:
            return make(number + index * _FAR)
        except nothing_fits:
            if index == _TRIES - 1:
                raise
    raise AssertionError


@dataclass(frozen=True)
class Pastes:
    """The photos with fresh pastes of a run."""

    dataset: PasteDataset

    def item(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Photo ``number`` (H, W, 3) uint8 RGB, and its label map (H, W) uint8; another one if
        nothing can be pasted onto it."""
        pasted = _first_that_fits(self.dataset.__getitem__, number)
        return pasted.photo, pasted.labels

    def check(self) -> None:
        """Refuse options with which nothing can be pasted onto one of the first photos."""
        for number in range(_TRIED_FIRST):
            _first_that_fits(self.dataset.sources, number)

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
    _refuse(_IN_SEQUENCE, values, where, "which plans each photo by itself")
    _refuse(("fold",), values, where, "whose fold is that of train")
    if options.paste_patch:
        values["patch"] = options.paste_patch
    if options.paste_place is not None:
        values["place"] = options.paste_place
    usual = {"seed": options.seed, "exif": options.exif, "fold": options.fold}
    values = {**usual, **values}
    preset = values.pop("preset", None)
    with _by_name_in_train():
        return kind(**values) if preset is None else with_preset(kind, preset, **values)


def _refuse(names: Sequence[str], values: Mapping[str, Any], where: str, reason: str) -> None:
    for name in names:
        if name in values:
            raise UserError(
                f"{where} {name.replace('_', '-')}",
                expected=f"no {flag(name)} with --paste, {reason}",
                found=printable(str(values[name])),
                advice="remove it, or give the pastes their own table by --paste-preset FILE.toml",
            )


@contextmanager
def _by_name_in_train() -> Iterator[None]:
    """Errors of Copy-Paste name its options as train has them."""
    try:
        yield
    except UserError as error:
        expected, found, advice = map(_renamed, (error.expected, error.found, error.advice))
        raise UserError(
            _renamed(error.where), expected=expected, found=found, advice=advice
        ) from None


def _renamed(text: str) -> str:
    """The text with ``--paste-patch`` for ``--patch``, and the table for what train has not.

    >>> _renamed("name the classes with --patch, or allow --cut-donors")
    'name the classes with --paste-patch, or allow cut-donors of [copy-paste]'
    """
    text = re.sub(r"--(patch|place|preset)(?![\w-])", r"--paste-\1", text)
    options = {name.replace("_", "-") for name in hints_of(_spoke().CopyPasteOptions)}

    def in_table(found: re.Match[str]) -> str:
        return f"{found[1]} of [{_TABLE}]" if found[1] in options else found[0]

    return re.sub(r"--([a-z][a-z-]*)", in_table, text)


def _values(
    kind: type[PasteOptions], options: TrainOptions, config: Path | None
) -> tuple[dict[str, Any], str]:
    """Values by field, and where they stand."""
    given = options.paste_preset
    if given is not None and not given.endswith(".toml"):
        with _by_name_in_train():
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
    with _by_name_in_train():
        dataset = _spoke().PasteDataset(
            folders.data, wanted, images=folders.images, reporter=reporter
        )
        pastes = Pastes(dataset)
        pastes.check()
    return pastes


def as_plain(wanted: PasteOptions | None) -> dict[str, Any] | None:
    """The options as plain types, for the run folder; the fold is that of train."""
    if wanted is None:
        return None
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asdict(wanted)))
    return {
        name: value for name, value in plain.items() if value not in (None, []) and name != "fold"
    }


def from_plain(plain: Mapping[str, Any] | None) -> PasteOptions | None:
    """The options of a run folder; see `as_plain`."""
    if plain is None:
        return None
    kind: type[PasteOptions] = _spoke().CopyPasteOptions
    return msgspec.convert(plain, kind)
