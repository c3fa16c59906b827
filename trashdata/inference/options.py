"""The options of commands that use models; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trashdata.inference.choices import (
    CrfOption,
    DeviceOption,
    EnsembleOption,
    ModelRuns,
    TtaOption,
    WeightsOption,
)
from trashdata.options.limits import check_options


@dataclass(frozen=True)
class EnsembleOptions:
    """Options of an ensemble: its models, and how their predictions are combined."""

    # The command named in errors; commands with further options have a subclass.
    command: ClassVar[str] = "predict"

    model: ModelRuns = ()

    tta: TtaOption = "none"

    ensemble: EnsembleOption = "soft"

    weights: WeightsOption = "miou"

    crf: CrfOption = False

    device: DeviceOption = "auto"

    def __post_init__(self) -> None:
        check_options(self)
