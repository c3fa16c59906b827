"""New photos for a loader: made one at a time in memory, planned as ``copy-paste`` plans them."""

from __future__ import annotations

import multiprocessing
import operator
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, SupportsIndex

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.options.limits import flag
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.photos import check_present
from trashdata.runs.pool import single_threaded

from .inputs import Inputs, read_inputs
from .instances import Instances, scene_instances
from .methods.copy_paste import CopyPaste
from .options import CopyPasteOptions
from .planning.plan import PhotoPlan
from .rendering.annotate import scene_labels
from .rendering.render import Stencil
from .rendering.renderer import CACHE_BYTES, Renderer


class PastedPhoto(NamedTuple):
    """A new photo and its labels.

    Parameters
    ----------
    photo : (H, W, 3) uint8 RGB.
    labels : (H, W) uint8 label map; 0 is background, 255 ignore and padding.
    instances : its objects, computed on first use.
    """

    photo: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    instances: Instances


@dataclass(frozen=True)
class UsedPhoto:
    """A photo that new photos may be made of.

    ``document``: index into `PasteDataset.documents`; ``root``: its image root.
    """

    document: int
    root: Path
    image: ImageRecord

    @property
    def path(self) -> Path:
        """The photo's file."""
        return self.root / self.image.file_name


class PhotoSources(NamedTuple):
    """What one new photo is made of; ``donors``: the photo of each paste, in their order."""

    background: UsedPhoto
    donors: tuple[UsedPhoto, ...]


class PasteDataset:
    """New photos by Copy-Paste, each made in memory when it is asked for.

    ``dataset[i]`` is photo ``i`` of `copy_paste` with the same options, before JPEG, and the same
    label map. It depends on the input, the options, their seed and ``i`` alone: not on earlier
    photos, the order, or the number of processes. ``i`` may be any number from 0; ``len(dataset)``
    is only the length of an epoch. A new range of numbers in each epoch gives new photos forever.

    It can be pickled, and works in any number of worker processes of any loader. A process decodes
    photos into two caches that are bounded in bytes; the bounds are divided by the number of
    workers where the loader is PyTorch's. Everything that follows from labels is made once, in the
    constructor.

    Parameters
    ----------
    data : the data folder.
    options : those of ``copy-paste``. ``num`` is the length; ``out``, ``mode``, ``quality`` and
        ``segmentation``, which are about files, do nothing here. With ``fold=K`` backgrounds and
        donors come from the fold's training part alone.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    reporter : gets notes and warnings; see also ``warnings``.

    Attributes
    ----------
    documents : the COCO file, and if donors come from another one, that one after it.
    roots : the image root of each document.
    backgrounds, donor_photos : all photos that can be backgrounds, and all that donors are cut
        from.
    class_names : the names of classes 1, 2, 3, ….
    warnings : what was found while reading.

    Raises
    ------
    UserError : in the constructor, a fault in a COCO file, no background, no donor, a photo without
        a file, or an option that plans photos in view of all earlier ones: ``target``, ``balance``,
        ``max_reuse``. When a photo is asked for: a damaged file or one of another size, which only
        reading it shows, or no placement found. PyTorch's loader makes a RuntimeError of an error
        in a worker; the sentence is in it.

    References
    ----------
    Ghiasi et al. 2021, "Simple Copy-Paste is a Strong Data Augmentation Method for Instance
    Segmentation", arXiv 2012.07177.
    """

    def __init__(
        self,
        data: Path | str = DEFAULT_DATA,
        options: CopyPasteOptions | None = None,
        *,
        images: Path | str | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        options = options or CopyPasteOptions()
        _refuse_goals(options)
        reporter = reporter or Reporter()
        before = len(reporter.warnings)
        self._method = CopyPaste(options.resolved())
        self._inputs = read_inputs(DataFolders.of(data, images), self._method, reporter)
        self.options = self._method.options
        self.backgrounds, self.donor_photos = _used_photos(self._inputs)
        self._check_photos(reporter)
        self.warnings = tuple(reporter.warnings[before:])
        self._process: _Process | None = None

    # --- photos ---

    def __len__(self) -> int:
        return self.options.photos

    def __iter__(self) -> Iterator[PastedPhoto]:
        """The photos of the first ``len(dataset)`` numbers."""
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, number: SupportsIndex) -> PastedPhoto:
        plan, scene = self._method.plan_photo(_checked(number), self._inputs.material)
        stencils = [Stencil.of(windows) for windows in scene.pastes]
        pixels = self._own_process().render(plan, stencils)
        photo = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
        return PastedPhoto(photo, scene_labels(scene), scene_instances(scene))

    def sources(self, number: SupportsIndex) -> PhotoSources:
        """The photos that photo ``number`` is made of, from its plan; nothing is read."""
        plan, _ = self._method.plan_photo(_checked(number), self._inputs.material)
        return self._sources(plan)

    def _sources(self, plan: PhotoPlan) -> PhotoSources:
        donors = [self._inputs.material.donors[paste.donor].photo for paste in plan.pastes]
        photos = tuple(_donor_photo(self._inputs, photo) for photo in donors)
        return PhotoSources(self.backgrounds[plan.background], photos)

    # --- what they are made of ---

    @property
    def documents(self) -> tuple[Document, ...]:
        sets = self._inputs.sets
        return (sets.document,) if sets.donor_file is None else (sets.document, sets.donor_document)

    @property
    def roots(self) -> tuple[Path, ...]:
        sets = self._inputs.sets
        return (sets.folders.images, sets.donor_root)[: len(self.documents)]

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(category.name for category in self._inputs.sets.document.class_categories)

    def _check_photos(self, reporter: Reporter) -> None:
        """Refuse a missing photo; reading all of them as well would take longer than an epoch."""
        used = {photo.path: photo for photo in (*self.backgrounds, *self.donor_photos)}
        with reporter.progress("Checking photos", len(used)) as tick:
            for photo in used.values():
                check_present(photo.root, photo.image)
                tick()

    # --- processes ---

    def __getstate__(self) -> dict[str, Any]:
        """Without the caches, which each process fills for itself."""
        return self.__dict__ | {"_process": None}

    def _own_process(self) -> _Process:
        """The caches of this process; a forked one does not go on with its parent's."""
        if self._process is None or self._process.pid != os.getpid():
            self._process = _Process.start(self._inputs)
        return self._process


@dataclass(frozen=True)
class _Process:
    """What a process makes photos with."""

    pid: int
    renderer: Renderer
    lock: threading.Lock

    @classmethod
    def start(cls, inputs: Inputs) -> _Process:
        if multiprocessing.parent_process() is not None:
            single_threaded()
        renderer = inputs.renderer(CACHE_BYTES // _loader_workers())
        return cls(os.getpid(), renderer, threading.Lock())

    def render(self, plan: PhotoPlan, stencils: Sequence[Stencil]) -> NDArray[np.uint8]:
        # The caches are not made for several threads.
        with self.lock:
            return self.renderer.render(plan, stencils, {})


def _loader_workers() -> int:
    """The number of workers of the PyTorch loader that this process belongs to, else 1."""
    module = sys.modules.get("torch.utils.data")
    worker = None if module is None else module.get_worker_info()
    return 1 if worker is None else int(worker.num_workers)


def _checked(number: SupportsIndex) -> int:
    index = operator.index(number)
    if index < 0:
        raise IndexError(f"photos have numbers from 0, not {index}")
    return index


def _refuse_goals(options: CopyPasteOptions) -> None:
    for name in ("target", "balance", "max_reuse"):
        value = getattr(options, name)
        if value is not None and value != ():
            raise UserError(
                flag(name),
                expected="no such option for photos that are made one by one",
                found=f"{name}={value!r}",
                advice=f"leave out {name}, or write the photos with 'trashdata copy-paste'",
            )


def _used_photos(inputs: Inputs) -> tuple[tuple[UsedPhoto, ...], tuple[UsedPhoto, ...]]:
    """All photos that can be backgrounds, and all that donors are cut from."""
    root, material = inputs.sets.folders.images, inputs.material
    backgrounds = tuple(UsedPhoto(0, root, photo.image) for photo in material.backgrounds)
    usable = (material.donors[index] for of_class in material.donors_by_class for index in of_class)
    photos = sorted({donor.photo for donor in usable})
    return backgrounds, tuple(_donor_photo(inputs, photo) for photo in photos)


def _donor_photo(inputs: Inputs, photo: int) -> UsedPhoto:
    document = int(inputs.sets.donor_file is not None)
    return UsedPhoto(document, inputs.sets.donor_root, inputs.donor_images[photo])
