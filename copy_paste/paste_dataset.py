"""New photos for a loader: made one at a time in memory, planned as ``copy-paste`` plans them."""

from __future__ import annotations

import multiprocessing
import operator
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, SupportsIndex

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.options.limits import flag
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.photos import check_present
from trashdata.runs.pool import single_threaded

from .inputs import read_inputs
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
        reading it shows, or `NothingFitsError`: no placement found. PyTorch's loader makes a
        RuntimeError of an error in a worker; the sentence is in it.

    Notes
    -----
    Unlike ``copy-paste``, it does not read all photos beforehand, which for a large set takes
    longer than an epoch; so it does not say either for how many an EXIF rotation is in doubt
    (``exif`` works as there).

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
        self.options = options.resolved()
        self._method = CopyPaste(self.options)
        inputs = read_inputs(DataFolders.of(data, images), self._method, reporter)
        sets, document = inputs.sets, inputs.sets.document
        both = (document,) if sets.donor_file is None else (document, sets.donor_document)
        self._documents: tuple[Document, ...] | None = both
        self._files = [(document.path, document.sha256) for document in both]
        self.roots = (sets.folders.images, sets.donor_root)[: len(both)]
        self.class_names = tuple(category.name for category in document.class_categories)
        self._renderer = inputs.renderer(CACHE_BYTES)
        self.backgrounds, self.donor_photos = self._used_photos()
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
        plan, scene = self._method.plan_photo(_checked(number), self._renderer.material)
        stencils = [Stencil.of(windows) for windows in scene.pastes]
        pixels = self._own_process().render(plan, stencils)
        photo = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
        return PastedPhoto(photo, scene_labels(scene), scene_instances(scene))

    def sources(self, number: SupportsIndex) -> PhotoSources:
        """The photos that photo ``number`` is made of, from its plan; nothing is read."""
        plan, _ = self._method.plan_photo(_checked(number), self._renderer.material)
        images = [self._renderer.donor_image(paste.donor) for paste in plan.pastes]
        donors = tuple(self._donor_photo(image) for image in images)
        return PhotoSources(self.backgrounds[plan.background], donors)

    # --- what they are made of ---

    @property
    def documents(self) -> tuple[Document, ...]:
        """The COCO files; a pickled dataset reads them again when they are asked for."""
        if self._documents is None:
            self._documents = tuple(_read_again(*file) for file in self._files)
        return self._documents

    def _used_photos(self) -> tuple[tuple[UsedPhoto, ...], tuple[UsedPhoto, ...]]:
        """All photos that can be backgrounds, and all that donors are cut from."""
        renderer, material = self._renderer, self._renderer.material
        usable = {index for of_class in material.donors_by_class for index in of_class}
        images = {material.donors[k].photo: renderer.donor_image(k) for k in sorted(usable)}
        return (
            tuple(UsedPhoto(0, self.roots[0], photo.image) for photo in material.backgrounds),
            tuple(self._donor_photo(image) for image in images.values()),
        )

    def _donor_photo(self, image: ImageRecord) -> UsedPhoto:
        return UsedPhoto(len(self.roots) - 1, self.roots[-1], image)

    def _check_photos(self, reporter: Reporter) -> None:
        """Refuse a missing photo; reading all of them as well would take longer than an epoch."""
        used = {photo.path: photo for photo in (*self.backgrounds, *self.donor_photos)}
        with reporter.progress("Checking photos", len(used)) as tick:
            for photo in used.values():
                check_present(photo.root, photo.image)
                tick()

    # --- processes ---

    def __getstate__(self) -> dict[str, Any]:
        """Without the caches, which each process fills for itself, and without the documents, which
        are more than half of the rest."""
        return self.__dict__ | {"_process": None, "_documents": None}

    def _own_process(self) -> _Process:
        """The caches of this process; a forked one does not go on with its parent's."""
        if self._process is None or self._process.pid != os.getpid():
            self._process = _Process.start(self._renderer)
        return self._process


@dataclass(frozen=True)
class _Process:
    """What a process makes photos with."""

    pid: int
    renderer: Renderer
    lock: threading.Lock

    @classmethod
    def start(cls, renderer: Renderer) -> _Process:
        if multiprocessing.parent_process() is not None:
            single_threaded()
        own = replace(renderer, cache_bytes=renderer.cache_bytes // _loader_workers())
        return cls(os.getpid(), own, threading.Lock())

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


def _read_again(path: Path, sha256: str) -> Document:
    document = read_document(path)
    if document.sha256 != sha256:
        raise UserError(
            document.name,
            expected="the file as it was when the dataset was made",
            found="another content",
            advice="make the dataset again",
        )
    return document
