"""Inputs of a run: the set, the donors' set, the backgrounds and the donors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trashdata.classes import check_class_count, find_classes, rare_classes
from trashdata.coco.document import CategoryRecord, Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.fingerprints import Side
from trashdata.paths import DataFolders
from trashdata.provenance import MadeOf, Provenance

from .donors.donors import Donor, find_donors
from .donors.folds import check_fold, check_sources_of_fold
from .donors.sources import SourceObject, SourcePhoto, source_photo
from .goals.goals import Goals, check_donors, goals_of
from .methods.method import Method
from .options import CopyPasteOptions
from .placement import READS_LABELS
from .planning.candidates import Material
from .planning.scene import Rules
from .rendering.renderer import Renderer


@dataclass(frozen=True)
class Sets:
    """The set that photos are added to, and the set that donors come from, often the same.

    ``donor_root``: the root of the donors' photos.
    """

    folders: DataFolders
    document: Document
    donor_document: Document
    donor_root: Path

    @property
    def donor_file(self) -> str | None:
        """The name of the donors' COCO file, if it is another one than the input."""
        return None if self.donor_document is self.document else self.donor_document.name

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of the COCO files, by name."""
        return {d.name: d.sha256 for d in (self.document, self.donor_document)}

    def carried(self) -> dict[tuple[str, int], list[MadeOf]]:
        """What synthetic photos were made of, by ``images`` or ``donors``, and the image id."""
        documents = {"images": self.document}
        if self.donor_file is not None:
            documents["donors"] = self.donor_document
        return {
            (root, image.id): made_of
            for root, document in documents.items()
            for image in document.images
            if image.trashdata and (made_of := Provenance(document).made_of(image))
        }

    def files(self) -> Iterator[Path]:
        """The COCO files, and every photo that they refer to."""
        yield self.document.path
        yield self.donor_document.path
        for image in self.document.images:
            yield self.folders.images / image.file_name
        for image in self.donor_document.images:
            yield self.donor_root / image.file_name

    def class_indices(self, categories: Sequence[CategoryRecord]) -> list[int]:
        """Class indices in the input by donor class index, for names that both have."""
        known = self.document.class_categories
        index = {category.name: number for number, category in enumerate(known, start=1)}
        return [index[category.name] for category in categories if category.name in index]


@dataclass(frozen=True)
class Inputs:
    """Everything a run reads, checked.

    Parameters
    ----------
    goals : the goals of the resulting JSON, if any.
    patch : the classes to paste.
    material : what photos are planned from.
    donor_images : the images that donors are cut from, by `Donor.photo`.
    left_out : how many objects can't be donors, by the reason.
    limit : photos to make; with goals the largest number.
    """

    sets: Sets
    goals: Goals | None
    patch: Sequence[CategoryRecord]
    material: Material
    donor_images: Sequence[ImageRecord]
    left_out: Mapping[str, int]
    limit: int

    def renderer(self, cache_bytes: int) -> Renderer:
        """What renders photos that are planned from these; see there for ``cache_bytes``."""
        sets = self.sets
        return Renderer(
            self.material,
            image_root=sets.folders.images,
            donor_root=sets.donor_root,
            donor_photos=self.donor_images,
            donor_file=sets.donor_file,
            cache_bytes=cache_bytes,
        )


def read_inputs(
    folders: DataFolders, method: Method, reporter: Reporter, *, workers: int = 1
) -> Inputs:
    """Read and check everything that a method needs, and note what the user should know.

    Raises
    ------
    UserError : a fault in a file, no background, or no donor of a class that needs one.
    """
    options = method.options
    sets = _read_sets(folders, options, reporter, workers)
    for document in {id(d): d for d in (sets.document, sets.donor_document)}.values():
        for warning in document.warnings:
            reporter.warn(warning)
    goals = goals_of(sets.document, options, method.advice, reporter)
    patch = _patch_classes(sets.document, options, goals, reporter)
    chosen = _background_images(sets.document, options)
    photos = _source_photos(sets, chosen)
    candidates = [photos[image.id] for image in chosen]
    backgrounds = method.backgrounds(candidates, sets.document, reporter)
    donor_photos = _donor_photos(sets, photos)
    donors, left_out = _find_donors(sets, donor_photos, patch, method)
    classes = sets.class_indices(patch)
    by_class = [[i for i, d in enumerate(donors) if d.class_index == index] for index in classes]
    if goals is None:
        _check_donors(sets, patch, by_class, left_out, method, reporter)
        limit = options.photos
    else:
        check_donors(goals, donors, left_out, reporter)
        limit = min(options.photos, len(donors) * goals.max_reuse)
    if options.place in READS_LABELS:
        _note_surroundings(donors, reporter)
    usable = [members for members in by_class if members]
    material = Material(backgrounds, donors, usable, _rules(options, classes), options)
    images = [photo.image for photo in donor_photos]
    return Inputs(sets, goals, patch, material, images, left_out, limit)


def _rules(options: CopyPasteOptions, classes: Sequence[int]) -> Rules:
    return Rules(
        options.min_area,
        options.max_area,
        options.min_visible,
        options.max_cover,
        frozenset(classes),
    )


def _read_sets(
    folders: DataFolders, options: CopyPasteOptions, reporter: Reporter, workers: int
) -> Sets:
    path = folders.input_json(options.json)
    if options.fold is not None:
        check_fold(path, options.fold)
    document = read_document(path, unique_annotations=True)
    check_class_count(document)
    donated, root = document, folders.images
    if options.donors is not None:
        donated = read_document(folders.input_json(options.donors), unique_annotations=True)
        if options.donor_images is not None:
            root = DataFolders.of(folders.data, options.donor_images).images
    if options.fold is not None:
        check_sources_of_fold(
            Side(document, folders.images),
            None if donated is document else Side(donated, root),
            options.fold,
            allow_look_alikes=options.allow_look_alikes,
            workers=workers,
            reporter=reporter,
        )
    return Sets(folders, document, donated, root)


def _patch_classes(
    document: Document, options: CopyPasteOptions, goals: Goals | None, reporter: Reporter
) -> list[CategoryRecord]:
    """The classes to paste: those that the goals need, those named by --patch, or the rare ones."""
    if goals is not None:
        return [document.class_categories[index - 1] for index in goals.growing()]
    if options.patch:
        return find_classes(document, dict.fromkeys(options.patch), "--patch")
    counts = document.class_counts()
    if not len(counts) or not counts.sum():
        raise UserError(
            document.name,
            expected="annotations of at least one class",
            found="none",
            advice="choose another --json",
        )
    rare = rare_classes(document)
    if not rare:
        raise UserError(
            "--patch",
            expected="a class, since none has fewer than half the mean number of objects",
            found="no --patch",
            advice="name the classes to paste with --patch",
        )
    reporter.note(f"Pasting {', '.join(category.name for category in rare)}.")
    return rare


# --- backgrounds ---


def _background_images(document: Document, options: CopyPasteOptions) -> list[ImageRecord]:
    """Images whose objects are all of the classes of ``--background``, if given."""
    names = options.background
    wanted = {category.id for category in find_classes(document, names, "--background")}
    images = []
    for image in _not_repeated(document):
        held = {item.category_id for item in document.annotations_of.get(image.id, [])}
        held -= document.ignore_ids
        if not names or (held and held <= wanted):
            images.append(image)
    if not images:
        raise UserError(
            "--background" if names else document.name,
            expected="a photo whose objects are all of these classes" if names else "a photo",
            found="none",
            advice="name more classes with --background" if names else "choose another --json",
        )
    return images


def _not_repeated(document: Document) -> list[ImageRecord]:
    return [image for image in document.images if REPEAT_OF not in image.trashdata]


def _source_photos(sets: Sets, chosen: Sequence[ImageRecord]) -> dict[int, SourcePhoto]:
    """Photos of the input by image id: all if donors come from it, else the chosen ones."""
    images = _not_repeated(sets.document) if sets.donor_file is None else chosen
    return {image.id: source_photo(sets.document, image) for image in images}


# --- donors ---


def _donor_photos(sets: Sets, photos: Mapping[int, SourcePhoto]) -> list[SourcePhoto]:
    """Donor photos, with classes matched to the input's by name; other objects are left out."""
    document = sets.donor_document
    if sets.donor_file is None:
        return list(photos.values())
    known = {category.name: category.id for category in sets.document.class_categories}
    ids = {c.id: known[c.name] for c in document.class_categories if c.name in known}
    return [
        replace(photo, objects=tuple(_translated(item, ids, sets) for item in photo.objects))
        for photo in (source_photo(document, image) for image in _not_repeated(document))
    ]


def _translated(item: SourceObject, ids: Mapping[int, int], sets: Sets) -> SourceObject:
    if item.category_id not in ids:
        return replace(item, ignore=True, class_index=0)
    category_id = ids[item.category_id]
    class_index = sets.document.class_index[category_id]
    return replace(item, category_id=category_id, class_index=class_index)


def _find_donors(
    sets: Sets, photos: Sequence[SourcePhoto], patch: Sequence[CategoryRecord], method: Method
) -> tuple[list[Donor], Counter[str]]:
    """The donors, and how many objects were left out, by reason."""
    options = method.options
    removed = find_classes(sets.donor_document, options.remove_patch, "--remove-patch")
    donors, left_out = find_donors(
        photos,
        frozenset(sets.class_indices(patch)),
        frozenset(sets.class_indices(removed)),
        whole=not options.extract_patch,
        cut_donors=options.cut_donors,
        min_area=options.min_donor_area,
        filtered=options.filter_donors,
        around=options.place in READS_LABELS,
    )
    return method.donors(donors, left_out), left_out


def _note_surroundings(donors: Sequence[Donor], reporter: Reporter) -> None:
    """Note how many donors are placed by their height, since labels say nothing about them."""
    blind = sum(donor.around is None for donor in donors)
    if blind and blind == len(donors):
        reporter.note(
            "No donor has labels around it: all are put near their height, as by --place row."
        )
    elif blind:
        reporter.note(
            f"{blind} of {len(donors)} donors have too few labels around them, and are put near"
            " their height, as by --place row."
        )


def _check_donors(
    sets: Sets,
    patch: Sequence[CategoryRecord],
    by_class: Sequence[Sequence[int]],
    left_out: Mapping[str, int],
    method: Method,
    reporter: Reporter,
) -> None:
    """Refuse a named class without a donor, and a set without any."""
    options, file = method.options, sets.donor_document.name
    for category, members in zip(patch, by_class, strict=True):
        if not members and not options.patch and any(by_class):
            reporter.warn(f"No donor of class {category.name}: it is not pasted.")
        elif not members and options.extract_patch:
            find_classes(sets.donor_document, [category.name], "--patch")
            reasons = ", ".join(f"{count} {why}" for why, count in left_out.items())
            raise UserError(
                f"--patch {category.name!r}",
                expected=f"an object of this class in {file} to paste",
                found=f"none after the filters (omitted: {reasons or 'nothing'})",
                advice=method.advice.no_donor,
            )
    if not any(by_class):
        raise UserError(
            "--whole",
            expected=f"a photo in {file} with a class of --patch",
            found="none after the filters",
            advice="choose other classes with --patch",
        )
