"""The inputs of a run: read, checked, and brought into the form that planning needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from trashdata.classes import check_class_count, find_classes
from trashdata.coco.document import CategoryRecord, Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.paths import Places, refuse_input_as_output
from trashdata.photos import check_photo
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import run_identity

from .donors.donors import Donor, find_donors
from .donors.folds import check_donor_fold, check_fold
from .donors.sources import SourceObject, SourcePhoto, source_photo
from .goals.goals import check_donors, goals_of
from .options import CopyPasteOptions
from .planning.candidates import Material
from .planning.maker import CopyPasteMaker, Maker
from .planning.scene import Rules
from .rendering.shards import Context, Summary

# Of decoded donor crops, and as much again of backgrounds, over all workers together. Small sets
# serve several times over; for large ones the bound keeps memory flat.
CACHE_BYTES = 256 << 20


class Job:
    """The inputs of a run, read and checked."""

    command = "copy-paste"
    no_donor_advice = "allow --cut-donors, drop --remove-patch, or give --donors FILE.json"

    def __init__(self, places: Places, options: CopyPasteOptions, reporter: Reporter) -> None:
        self.places = places
        self.reporter = reporter
        options = options.resolved()
        self.options = replace(options, out=places.output_name(options.out))
        self.folder = places.data / self.options.out
        self.json_path = places.data / f"{self.options.out}.json"
        path = places.input_json(options.json)
        check_fold(path, options.fold)
        self.document = read_document(path, unique_annotations=True)
        check_class_count(self.document)
        self.donor_document = self._read_donors()
        self.donor_root = places.images
        if options.donors is not None and options.donor_images is not None:
            self.donor_root = Places.of(places.data, options.donor_images).images
        if options.fold is not None and options.donors and not options.donor_images:
            check_donor_fold(self.donor_document, self.document.path, options.fold)
        inputs = [self.document.path, self.donor_document.path]
        refuse_input_as_output(self.json_path, inputs)
        for document in {id(d): d for d in (self.document, self.donor_document)}.values():
            for warning in document.warnings:
                reporter.warn(warning)
        self._sources: dict[tuple[Path, int], SourcePhoto] = {}
        self.goals = goals_of(self.document, self.options, reporter)
        self.patch = self._patch_classes()
        self.backgrounds = self.find_backgrounds()
        self.left_out: Counter[str] = Counter()
        self.donors: list[Donor] = []
        self.donor_images: list[ImageRecord] = []

    def _read_donors(self) -> Document:
        if self.options.donors is None:
            return self.document
        path = self.places.input_json(self.options.donors)
        return read_document(path, unique_annotations=True)

    def _patch_classes(self) -> list[CategoryRecord]:
        document = self.document
        if self.goals is not None:
            return [document.class_categories[index - 1] for index in self.goals.growing()]
        if self.options.patch:
            names = dict.fromkeys(self.options.patch)
            return find_classes(document, names, "--patch")
        counts = document.class_counts()
        if not len(counts) or not counts.sum():
            raise UserError(
                document.name,
                expected="annotations of at least one class",
                found="none",
                advice="choose another --json",
            )
        rare = [
            category
            for category, count in zip(document.class_categories, counts, strict=True)
            if 0 < count < counts.mean() / 2
        ]
        if not rare:
            raise UserError(
                "--patch",
                expected="a class, since none has fewer than half the mean number of objects",
                found="no --patch",
                advice="name the classes to paste with --patch",
            )
        self.reporter.note(f"Pasting {', '.join(category.name for category in rare)}.")
        return rare

    def _source(self, document: Document, image: ImageRecord) -> SourcePhoto:
        """Each photo once, also where it serves as background and as donor."""
        key = document.path, image.id
        if key not in self._sources:
            self._sources[key] = source_photo(document, image)
        return self._sources[key]

    def find_backgrounds(self) -> list[SourcePhoto]:
        """The photos to paste onto."""
        document, names = self.document, self.options.background
        wanted = {category.id for category in find_classes(document, names, "--background")}
        photos = []
        for image in document.images:
            own = {item.category_id for item in document.annotations_of.get(image.id, [])}
            own -= document.ignore_ids
            if REPEAT_OF not in image.trashdata and (not names or (own and own <= wanted)):
                photos.append(self._source(document, image))
        if not photos:
            raise UserError(
                "--background" if names else document.name,
                expected="a photo whose objects are all of these classes" if names else "a photo",
                found="none",
                advice="name more classes with --background" if names else "choose another --json",
            )
        return photos

    def context(self, workers: int) -> Context:
        """Find the donors and gather what the workers need."""
        patch = self._class_indices(category.name for category in self.patch)
        document = self.donor_document
        removed = find_classes(document, self.options.remove_patch, "--remove-patch")
        photos = self._donor_photos(document)
        unwanted = frozenset(self._class_indices(category.name for category in removed))
        donors, self.left_out = self.find_donors(photos, frozenset(patch), unwanted)
        self.donors, self.donor_images = donors, [photo.image for photo in photos]
        by_class = [[i for i, d in enumerate(donors) if d.class_index == index] for index in patch]
        options = self.options
        num = self._most_photos(by_class)
        rules = Rules(
            options.min_area,
            options.max_area,
            options.min_visible,
            options.max_cover,
            frozenset(patch),
        )
        material = Material(
            self.backgrounds, donors, [members for members in by_class if members], rules, options
        )
        return Context(
            material=material,
            image_root=self.places.images,
            donor_root=self.donor_root,
            donor_photos=self.donor_images,
            donor_file=document.name if document is not self.document else None,
            options=options,
            roots={"data": self.places.data, "images": self.places.images},
            class_count=len(self.document.class_categories),
            first_image_id=max(image.id for image in self.document.images) + 1,
            num=num,
            digits=max(6, len(str(num - 1))),
            cache_bytes=CACHE_BYTES // max(1, workers),
        )

    def _most_photos(self, by_class: Sequence[Sequence[int]]) -> int:
        """Photos to make; with goals at most so many. Checks that there is enough to paste."""
        if self.goals is None:
            self._check_donors(by_class)
            return self.options.photos
        check_donors(self.goals, self.donors, self.left_out, self.reporter)
        return min(self.options.photos, len(self.donors) * self.goals.max_reuse)

    def find_donors(
        self, photos: Sequence[SourcePhoto], patch: frozenset[int], removed: frozenset[int]
    ) -> tuple[list[Donor], Counter[str]]:
        """The objects to paste, and how many were left out for which reason."""
        return find_donors(
            photos,
            patch,
            removed,
            whole=not self.options.extract_patch,
            cut_donors=self.options.cut_donors,
            min_area=self.options.min_donor_area,
            filtered=self.options.filter_donors,
        )

    def maker(self, material: Material) -> Maker:
        """How photos are made towards goals."""
        return CopyPasteMaker(material)

    def _class_indices(self, names: Iterable[str]) -> list[int]:
        index = {category.name: k for k, category in enumerate(self.document.class_categories, 1)}
        return [index[name] for name in names if name in index]

    def _donor_photos(self, document: Document) -> list[SourcePhoto]:
        """Donor photos, their classes by name those of the input; others' objects are left out."""
        photos = [
            self._source(document, image)
            for image in document.images
            if REPEAT_OF not in image.trashdata
        ]
        if document is self.document:
            return photos
        own = {category.name: category.id for category in self.document.class_categories}
        ids = {c.id: own[c.name] for c in document.class_categories if c.name in own}
        return [
            replace(photo, objects=tuple(self._translated(item, ids) for item in photo.objects))
            for photo in photos
        ]

    def _translated(self, item: SourceObject, ids: dict[int, int]) -> SourceObject:
        """An object of another file with our category; of an unknown class, it is ignored."""
        if item.category_id not in ids:
            return replace(item, ignore=True, class_index=0)
        category_id = ids[item.category_id]
        class_index = self.document.class_index[category_id]
        return replace(item, category_id=category_id, class_index=class_index)

    def _check_donors(self, by_class: Sequence[Sequence[int]]) -> None:
        for category, members in zip(self.patch, by_class, strict=True):
            if not members and not self.options.patch and any(by_class):
                self.reporter.warn(f"No donor of class {category.name}: it is not pasted.")
            elif not members and self.options.extract_patch:
                find_classes(self.donor_document, [category.name], "--patch")
                reasons = ", ".join(f"{count} {why}" for why, count in self.left_out.items())
                raise UserError(
                    f"--patch {category.name!r}",
                    expected=f"an object of this class in {self.donor_document.name} to paste",
                    found=f"none after the filters (left out: {reasons or 'nothing'})",
                    advice=self.no_donor_advice,
                )
        if not any(by_class):
            raise UserError(
                "--whole",
                expected=f"a photo in {self.donor_document.name} with a class of --patch",
                found="none after the filters",
                advice="choose other classes with --patch",
            )

    def identity(self) -> dict[str, Any]:
        inputs = {
            document.name: document.sha256 for document in (self.document, self.donor_document)
        }
        options = asdict(self.options) | self.own_options()
        for key in ("json", "donors"):
            options[key] = options[key] and Path(options[key]).name
        options["donor_images"] = self.options.donor_images is not None
        options["patch"] = [category.name for category in self.patch]
        return run_identity(self.command, options, inputs)

    def own_options(self) -> dict[str, Any]:
        """What decides the photos beside the options of Copy-Paste."""
        return {}

    def photo_paths(self) -> Iterator[Path]:
        """Every photo that the input may refer to."""
        for image in self.document.images:
            yield self.places.images / image.file_name
        for image in self.donor_document.images:
            yield self.donor_root / image.file_name

    def check_photos(self, summary: Summary) -> None:
        """Check every photo that will be read, before anything is written."""
        exif = self.options.exif
        open_questions = 0
        backgrounds = [self.backgrounds[place].image for place in summary.backgrounds]
        donors = [self.donor_images[self.donors[place].photo] for place in summary.donors]
        used = {(self.places.images, image.file_name): image for image in backgrounds}
        used |= {(self.donor_root, image.file_name): image for image in donors}
        with self.reporter.progress("Checking photos", len(used)) as tick:
            for (root, _), image in used.items():
                open_questions += check_photo(root, image, exif) != 1
                tick()
        if open_questions and exif == "auto":
            self.reporter.warn(
                f"{open_questions} photos carry an EXIF turn or mirror that their size can't"
                " confirm; they are read as stored (see --exif)."
            )

    def check_photos_unchanged(self, photos: dict[str, str]) -> None:
        """Refuse to go on with a run whose photos are no longer what they were."""
        for name, digest in photos.items():
            root, _, file_name = name.partition(":")
            path = (self.donor_root if root == "donors" else self.places.images) / file_name
            if not path.is_file() or file_sha256(path) != digest:
                raise UserError(
                    str(path),
                    expected="the photo that the earlier run read",
                    found="another content" if path.is_file() else "no file",
                    advice="put it back, or make the set anew with --overwrite",
                )
