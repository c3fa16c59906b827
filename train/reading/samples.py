"""The training photos of several files, each photo once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import (
    AnnotationRecord,
    Document,
    ImageRecord,
    decode_segmentation,
)
from trashdata.console import Reporter
from trashdata.errors import printable
from trashdata.provenance import Provenance


@dataclass(frozen=True)
class Source:
    """A COCO file and its weight: how often each of its photos is seen per epoch, on average."""

    document: Document
    weight: float


@dataclass(frozen=True)
class Sample:
    """A photo of one of the files; ``source`` is the file's index.

    ``weight``: how often it is seen per epoch; ``synthetic``: whether it was made of other photos;
    ``pseudo``: whether a model made its labels.
    """

    source: int
    image: ImageRecord
    weight: float = 1.0
    synthetic: bool = False
    pseudo: bool = False

    @property
    def real(self) -> bool:
        """Whether it was not made of other photos."""
        return not self.synthetic


def samples_of(sources: Sequence[Source], reporter: Reporter) -> list[Sample]:
    """The training photos, by file and then by image id.

    A photo of several files, by its ``file_name``, counts once: with the weight of the file that
    has the fewest photos (of equal ones, with the larger weight), and with the labels of the file
    that has the most objects on it; a warning says where labels differ. Repeats within one file
    are intended, and stay.
    """
    files = [_File.of(source) for source in sources]
    holders = _holders(files)
    chosen = {name: _best(name, numbers, files) for name, numbers in holders.items()}
    _warn_of_other_labels(holders, chosen, files, reporter)
    samples: list[Sample] = []
    for number, source in enumerate(sources):
        provenance = Provenance(source.document)
        for image in source.document.images:
            if chosen[image.file_name] == number:
                weight = _weight([sources[other] for other in holders[image.file_name]])
                synthetic = image.id in provenance.synthetic
                pseudo = image.id in provenance.pseudo_labelled
                samples.append(Sample(number, image, weight, synthetic, pseudo))
    return samples


@dataclass(frozen=True)
class _File:
    """A training file, with the ids of its images by their ``file_name``."""

    document: Document
    ids: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, source: Source) -> _File:
        ids: dict[str, list[int]] = {}
        for image in source.document.images:
            ids.setdefault(image.file_name, []).append(image.id)
        return cls(source.document, ids)

    def annotations(self, name: str) -> Sequence[AnnotationRecord]:
        """The annotations of a photo; of repeats, those of the first."""
        return self.document.annotations_of.get(self.ids[name][0], [])

    def content(self, name: str) -> list[tuple[str, bytes]]:
        """What the annotations of a photo say, whatever their ids and order."""
        names = {category.id: category.name for category in self.document.categories}
        return sorted(
            (names[item.category_id], msgspec.json.encode(decode_segmentation(item)))
            for item in self.annotations(name)
        )


def _holders(files: Sequence[_File]) -> dict[str, list[int]]:
    """The indices of the files that hold a photo, by its ``file_name``."""
    holders: dict[str, list[int]] = {}
    for number, file in enumerate(files):
        for name in file.ids:
            holders.setdefault(name, []).append(number)
    return holders


def _weight(holders: Sequence[Source]) -> float:
    fewest = min(len(source.document.images) for source in holders)
    return max(source.weight for source in holders if len(source.document.images) == fewest)


def _best(name: str, numbers: Sequence[int], files: Sequence[_File]) -> int:
    """The file with the most objects on a photo, then the most repeats of it, then the first."""
    if len(numbers) == 1:
        return numbers[0]
    return max(
        numbers, key=lambda k: (len(files[k].annotations(name)), len(files[k].ids[name]), -k)
    )


def _warn_of_other_labels(
    holders: Mapping[str, Sequence[int]],
    chosen: Mapping[str, int],
    files: Sequence[_File],
    reporter: Reporter,
) -> None:
    """Warn once for each file whose labels of some photos are not used."""
    unused: dict[tuple[int, int], list[str]] = {}
    for name, numbers in holders.items():
        best = chosen[name]
        for number in numbers:
            if number != best and files[number].content(name) != files[best].content(name):
                unused.setdefault((number, best), []).append(name)
    for (number, best), names in sorted(unused.items()):
        one, other = files[number].document.name, files[best].document.name
        more = f" and {len(names) - 1} more photos" if len(names) > 1 else ""
        reporter.warn(
            f"{printable(min(names))}{more} of {one} have other labels in {other}: those of"
            f" {other} are used, which has more objects on them or comes first by name."
        )


def synthetic_share(samples: Sequence[Sample], paste: float) -> float:
    """The share of the draws, 0 to 1, that the synthetic photos of the files make by their weights.

    ``paste`` : share of the draws that are none of the files' photos.
    """
    made = sum(sample.weight for sample in samples if sample.synthetic)
    return made / sum(sample.weight for sample in samples) * (1 - paste)


def objects_of(samples: Sequence[Sample], documents: Sequence[Document]) -> NDArray[np.int64]:
    """Objects of each class on each sample, (N, classes) int64; crowd regions count as one."""
    objects = np.zeros((len(samples), len(documents[0].class_categories)), dtype=np.int64)
    for index, sample in enumerate(samples):
        document = documents[sample.source]
        for item in document.annotations_of.get(sample.image.id, []):
            if item.category_id not in document.ignore_ids:
                objects[index, document.class_index[item.category_id] - 1] += 1
    return objects
