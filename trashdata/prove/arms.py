"""Arms: sets of options that say how training data is made and drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import msgspec

from trashdata.errors import UserError, nearest, printable
from trashdata.options.config import checked_table, read_table, read_toml
from trashdata.options.limits import hints_of, toml_key
from trashdata.options.presets import with_preset
from trashdata.prove.spokes import (
    CopyPasteOptions,
    DataOptions,
    ModelOptions,
    OversampleOptions,
    PseudoOptions,
    TrainOptions,
)

PLAIN, BACKGROUND_ONLY = "plain", "background-only"
SHARE = 0.5
"""Of the photos shown, where an arm makes some and does not say how many."""

DEFAULT_ARMS: dict[str, dict[str, Any]] = {
    PLAIN: {},
    BACKGROUND_ONLY: {"copy-paste": {"max-objects": 0}},
    "sampling": {"train": {"sampler": "rare"}},
    "copy-paste": {"copy-paste": {}},
}

# They plan a photo in view of all photos before it, so that files have to be made.
_IN_SEQUENCE = ("num", "target", "balance", "max_reuse")
# What the comparison itself decides.
_OF_COMPARISON = ("train", "val", "fold", "json", "out", "exif", "seed", "preset")
_OF_PASTES = ("paste", "paste_preset", "paste_patch", "paste_place", "synthetic_share")
_KEYS = ("share", "copy-paste", "oversample", "pseudo", "train")


@dataclass(frozen=True)
class Arm:
    """How the training data of an arm is made and drawn.

    ``share``: of the photos shown that are new ones; None where the files' lengths decide.
    ``fresh``: of photos with pastes that are made in training; ``copy_paste``, ``oversample``,
    ``pseudo``: of files that are made before it; ``train``: further options of train, by field.
    """

    name: str
    share: float | None = None
    fresh: CopyPasteOptions | None = None
    copy_paste: CopyPasteOptions | None = None
    oversample: OversampleOptions | None = None
    pseudo: PseudoOptions | None = None
    train: Mapping[str, Any] = field(default_factory=dict)

    @property
    def makes_files(self) -> bool:
        """Whether photos or lists are written before the training."""
        return any((self.copy_paste, self.oversample, self.pseudo))

    @property
    def shows_new_photos(self) -> bool:
        """Whether photos are shown that Copy-Paste or oversampling made."""
        repeats = self.oversample is not None and self.oversample.repeat_factor is not None
        return any((self.fresh, self.copy_paste, self.oversample and not repeats))

    @property
    def patch(self) -> tuple[str, ...]:
        """The classes that it is made for, as far as it names some."""
        pastes = self.fresh or self.copy_paste or self.oversample
        return () if pastes is None else pastes.patch

    def tables(self) -> dict[str, Any]:
        """The options of what it makes, by the name of their table."""
        made = {
            "fresh": self.fresh,
            "copy-paste": self.copy_paste,
            "oversample": self.oversample,
            "pseudo": self.pseudo,
        }
        return {name: options for name, options in made.items() if options is not None}


def switched_on(options: Any) -> dict[str, Any]:
    """The fields of a dataclass of options as JSON has them, without those that are off.

    So an option that is new, and off, changes nothing that was kept by content.
    """
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asdict(options), enc_hook=str))
    return {
        one.name: plain[one.name]
        for one in fields(options)
        if not _is_off(plain[one.name], one.default)
    }


def _is_off(value: object, default: object) -> bool:
    # The number 0 can be something else than nothing, such as a threshold.
    return value in (None, False, "", []) and not (type(value) in (int, float) and default != 0)


def read_arms(
    names: Sequence[str], file: Path | None, against: str, patch: Sequence[str]
) -> list[Arm]:
    """The arms to compare: the control first.

    Parameters
    ----------
    names : of the arms; all of them if empty. The control is always among them.
    file : TOML with further arms; one of the default arms' names replaces that arm.
    against : the control.
    patch : classes to paste where an arm names none.

    Raises
    ------
    UserError : a fault of the file, or no arm of a name.
    """
    tables = {**DEFAULT_ARMS, **({} if file is None else _tables(file))}
    for option, name in (("--against", against), *(("--arm", name) for name in names)):
        if name not in tables:
            raise UserError(
                f"{option} {printable(name)}",
                expected=f"an arm: {', '.join(map(printable, tables))}",
                found="none of that name",
                advice=nearest(name, list(tables)),
            )
    chosen = dict.fromkeys([against, *(names or tables)])
    if len(chosen) < 2:
        raise UserError(
            f"--arm {printable(against)}",
            expected=f"an arm beside {printable(against)}, which the others are compared with",
            found="none",
            advice="name another one with --arm, or leave it out for all arms",
        )
    return [_arm(name, tables[name], _where(file, name), patch) for name in chosen]


def controls(arm: Arm, arms: Sequence[Arm], against: str) -> list[str]:
    """The arms that an arm is compared with: it has to beat the best of them.

    An arm with new photos also has to beat ``background-only``, if that is among the arms: a photo
    with pastes is also a crop and a jitter.
    """
    others = [other.name for other in arms if other.name != arm.name]
    wanted = [against, *([BACKGROUND_ONLY] if arm.shows_new_photos else [])]
    return [name for name in dict.fromkeys(wanted) if name in others]


def _where(file: Path | None, name: str) -> str:
    return f"{'' if file is None else f'{printable(str(file))}: '}[arm.{printable(name)}]"


def _tables(file: Path) -> dict[str, dict[str, Any]]:
    content = read_toml(file, "arm.NAME", "--arms")
    tables = content.get("arm", {})
    odd = [key for key in content if key != "arm"]
    if odd or not isinstance(tables, dict) or not tables:
        raise UserError(
            f"--arms {printable(str(file))}",
            expected="tables such as [arm.big] and [arm.big.copy-paste], and nothing else",
            found=printable(odd[0]) if odd else "none",
            advice="name each arm in a table of its own",
        )
    for name, table in tables.items():
        if not isinstance(table, dict) or not name.strip():
            raise UserError(
                _where(file, name),
                expected="a table with a name",
                found=printable(repr(table)),
                advice="write [arm.NAME] above its options",
            )
    return tables


def _arm(name: str, table: Mapping[str, Any], where: str, patch: Sequence[str]) -> Arm:
    for key in table:
        if key not in _KEYS:
            raise UserError(
                f"{where} {printable(key)}",
                expected=f"one of {', '.join(_KEYS)}",
                found="something else",
                advice=nearest(key, list(_KEYS)),
            )
    train = _train(table.get("train", {}), f"{where} train")
    arm = Arm(name, _share(table, where), train=train)
    if "copy-paste" in table:
        arm = _with_pastes(arm, table["copy-paste"], f"{where} copy-paste", patch)
    if "oversample" in table:
        place = f"{where} oversample"
        arm = replace(arm, oversample=_oversample(table["oversample"], place, patch))
    if "pseudo" in table:
        arm = replace(arm, pseudo=_pseudo(table["pseudo"], f"{where} pseudo"))
    return _with_share(arm, where)


def _share(table: Mapping[str, Any], where: str) -> float | None:
    share = table.get("share")
    number = isinstance(share, int | float) and not isinstance(share, bool)
    if share is not None and not (number and 0 < share <= 1):
        raise UserError(
            f"{where} share",
            expected="a number above 0, at most 1",
            found=printable(repr(share)),
            advice="give the share of the photos shown that are new ones",
        )
    return share


def _with_share(arm: Arm, where: str) -> Arm:
    if arm.shows_new_photos:
        return replace(arm, share=SHARE) if arm.share is None else arm
    if arm.share is not None:
        raise UserError(
            f"{where} share",
            expected="a table copy-paste or oversample beside it, which makes new photos",
            found="none",
            advice="add one, or leave share out",
        )
    return arm


def _checked(table: object, known: Sequence[str], options: type[Any], where: str) -> dict[str, Any]:
    """Values by field, if the table has keys of these fields alone."""
    if not isinstance(table, dict):
        raise UserError(
            where, expected="a table", found=printable(repr(table)), advice="write [arm.NAME.TABLE]"
        )
    hints = hints_of(options)
    for key in table:
        name = key.replace("-", "_")
        if name in _OF_COMPARISON and name in hints and name not in known:
            raise UserError(
                f"{where} {printable(key)}",
                expected="options of the data alone",
                found=f"{key}, which is the same for all arms",
                advice="leave it out; files and seeds are options of prove",
            )
    return checked_table(table, {name: hints[name] for name in known}, where)


def _train(table: object, where: str) -> dict[str, Any]:
    known = [
        one.name
        for kind in (DataOptions, ModelOptions)
        for one in fields(kind)
        if one.name not in (*_OF_COMPARISON, *_OF_PASTES)
    ]
    values = _checked(table, known, TrainOptions, where)
    # Their own checks, such as a sampler that needs scores of earlier epochs.
    with _in_table(where):
        TrainOptions(**values, keep="last")
    return values


def _with_pastes(arm: Arm, table: object, where: str, patch: Sequence[str]) -> Arm:
    preset, rest = None, table
    if isinstance(table, dict):
        preset = table.get("preset")
        rest = {name: value for name, value in table.items() if name != "preset"}
    known = _fields(CopyPasteOptions)
    values = _checked(rest, known, CopyPasteOptions, where)
    options = _read(CopyPasteOptions, rest, where, preset)
    if not options.patch:
        options = replace(options, patch=tuple(patch))
    if any(name in values for name in _IN_SEQUENCE):
        return replace(arm, copy_paste=options)
    return replace(arm, fresh=options)


def _read(kind: type[Any], table: Any, where: str, preset: object) -> Any:
    with _in_table(where):
        options = read_table(kind, table, where)
        if preset is None:
            return options
        given = {name: getattr(options, name) for name in map(_field, table)}
        return with_preset(kind, str(preset), **given)


@contextmanager
def _in_table(where: str) -> Iterator[None]:
    """Errors of options name the table that they stand in."""
    try:
        yield
    except UserError as error:
        if error.where.startswith(where):
            raise
        raise UserError(
            f"{where} {error.where.removeprefix('--')}",
            expected=error.expected,
            found=error.found,
            advice=error.advice,
        ) from None


def _field(key: str) -> str:
    return key.replace("-", "_")


def _fields(kind: type[Any], *also: str) -> list[str]:
    names = [one.name for one in fields(kind) if one.name not in _OF_COMPARISON]
    return [*names, *also]


def _oversample(table: object, where: str, patch: Sequence[str]) -> OversampleOptions:
    _checked(table, _fields(OversampleOptions), OversampleOptions, where)
    options: OversampleOptions = _read(OversampleOptions, table, where, None)
    repeats = options.repeat_factor is not None
    return options if repeats or options.patch else replace(options, patch=tuple(patch))


def _pseudo(table: object, where: str) -> PseudoOptions:
    _checked(table, _fields(PseudoOptions, "json"), PseudoOptions, where)
    options: PseudoOptions = _read(PseudoOptions, table, where, None)
    for name in ("model", "merge_with"):
        if getattr(options, name) not in (None, ()):
            raise UserError(
                f"{where} {toml_key(name)}",
                expected="no such option: the arm's own training gives the model",
                found=printable(str(getattr(options, name))),
                advice="leave it out",
            )
    return options
