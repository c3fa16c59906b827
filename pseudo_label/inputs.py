"""The inputs of a run: read, checked, and brought into the form that the passes need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from trashdata.classes import check_class_count
from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.inference.confusion import channel_names
from trashdata.inference.ensemble import check_photos
from trashdata.inference.saved import check_names
from trashdata.masks.names import mask_names
from trashdata.paths import Places, refuse_input_as_output
from trashdata.runs.hashes import file_sha256
from trashdata.runs.old_run import Run
from trashdata.runs.records import run_identity

from .labels.photo_labels import LabelSource
from .labels.sources.from_csv import read_csv
from .labels.sources.from_masks import read_masks
from .options import PseudoOptions
from .predicting.models import Models, Origin, load_models
from .writing.coco_files import ignore_category


class Job:
    """The inputs of a run, read and checked; ``models``: given ones instead of those of the run.

    ``workers``, ``scheduler``: who does the work.
    """

    def __init__(
        self,
        places: Places,
        options: PseudoOptions,
        reporter: Reporter,
        models: Models | None,
        workers: int,
        scheduler: str | None = None,
    ) -> None:
        self.places = places
        self.workers, self.scheduler = workers, scheduler
        self.reporter = reporter
        self.options = replace(options, out=places.output_name(options.out))
        # Labels that the file may have are looked at for a report only.
        self.document = read_document(places.input_json(options.json), masks=options.report)
        for warning in self.document.warnings:
            reporter.warn(warning)
        check_class_count(self.document)
        self.places_of_images = self._labelled_images()
        self.images = [self.document.images[place] for place in self.places_of_images]
        self.merged = self._read_merge()
        self.names = channel_names([row.name for row in self.document.class_categories])
        self.category_ids = [None, *(row.id for row in self.document.class_categories)]
        self.ignore_id = self._ignore_id()
        self.masks = self._mask_names()
        for name in self.output_files():
            inputs = [document.path for document in (self.document, self.merged) if document]
            refuse_input_as_output(places.data / name, inputs)
        self.models: Models | None = None
        self.source: LabelSource | None = None
        if options.uses_models:
            self.models = models or load_models(options, self.document, reporter)
            self._check_members()
            self.origins = list(self.models.origins)
            check_photos(self.images, places, options.exif, reporter)
        else:
            self.source, origin = self._read_labels()
            self.origins = [origin]

    @property
    def name(self) -> str:
        """The folder of the run in the data folder, and how its files' names begin."""
        return f"{self.options.out}_report" if self.options.report else self.options.out

    @property
    def folder(self) -> Path:
        return self.places.data / self.name

    def _labelled_images(self) -> list[int]:
        """Places in the document of the images to label: each photo once."""
        images = self.document.images
        chosen = [k for k, image in enumerate(images) if REPEAT_OF not in image.trashdata]
        if not chosen:
            raise UserError(
                self.document.name,
                expected="photos to label",
                found="none",
                advice="choose another --json",
            )
        if len(chosen) < len(images):
            self.reporter.note(f"{len(images) - len(chosen)} repeats of photos are left out.")
        return chosen

    def _read_merge(self) -> Document | None:
        """The file to merge with; what would fail after hours of work fails now."""
        if self.options.merge_with is None:
            return None
        path = self.places.input_json(self.options.merge_with)
        other = read_document(path, masks=False)
        own = [row.name for row in self.document.class_categories]
        theirs = [row.name for row in other.class_categories]
        check_names(theirs, f"--merge-with {printable(other.name)}", own, self.document.name)
        known = {image.file_name for image in other.images}
        twice = next((image for image in self.images if image.file_name in known), None)
        if twice is not None:
            raise UserError(
                f"--merge-with {printable(other.name)}",
                expected=f"other photos than those of {self.document.name}",
                found=f"{printable(twice.file_name)} in both",
                advice="label only photos that have no labels yet",
            )
        return other

    def _ignore_id(self) -> int | None:
        """The category of unsure pixels, where they become one."""
        options = self.options
        if options.unsure == "background" or options.report:
            return None
        return ignore_category(self.document)

    def _mask_names(self) -> dict[int, str]:
        """The label PNG of each image, relative to its folder; for the roads that need them."""
        options = self.options
        return mask_names(self.document) if options.masks or options.from_masks else {}

    def _check_members(self) -> None:
        """How well members agree can only be said of several."""
        options = self.options
        wanted = {
            "--agree": options.agree,
            "--keep-images": options.keep_images is not None,
            "--min-image-score": options.min_image_score is not None,
        }
        alone = len(self.models.origins) == 1 and options.tta == "none" if self.models else False
        for flag, given in wanted.items():
            if given and alone:
                raise UserError(
                    flag,
                    expected="several models, or one with --tta, that can agree or not",
                    found="one model that looks at each photo once",
                    advice="add --tta flip or another --model",
                )

    def _read_labels(self) -> tuple[LabelSource, Origin]:
        options, document = self.options, self.document
        if options.from_csv is not None:
            path = Path(options.from_csv)
            rows = read_csv(
                path,
                self.images,
                side=options.size_in,
                channels=len(self.names),
                file=document.name,
                reporter=self.reporter,
            )
            return rows, Origin(path.name, file_sha256(path))
        assert options.from_masks is not None
        folder = Path(options.from_masks)
        source, digest = read_masks(folder, document, self.masks, self.workers, self.reporter)
        return source, Origin(folder.resolve().name, digest)

    def identity(self) -> dict[str, Any]:
        """What makes two runs the same."""
        options = asdict(self.options)
        for key in ("json", "merge_with", "from_csv", "from_masks"):
            options[key] = options[key] and Path(options[key]).name
        del options["device"]
        options["model"] = [[o.name, o.sha256, o.weight] for o in self.origins]
        options["libraries"] = dict(self.models.libraries) if self.models else {}
        inputs = {self.document.name: self.document.sha256}
        if self.merged is not None:
            inputs[self.merged.name] = self.merged.sha256
        return run_identity("pseudo", options, inputs)

    def output_files(self) -> list[str]:
        """The files to come beside the masks, relative to the data folder."""
        name, options = self.name, self.options
        if options.report:
            return [f"{name}.json", f"{name}.png"]
        files = [f"{name}.json", f"{name}/thresholds.json"]
        if options.uses_models:
            files += [f"{name}/photos.csv", f"{name}/sheet.png"]
        if options.ranks_photos:
            files.append(f"{name}_next.json")
        if options.merge_with is not None:
            files.append(f"{name}_merged.json")
        if options.masks:
            files.append(f"{name}/masks/classes.json")
        return files

    def mask_path(self, image: ImageRecord) -> str | None:
        """Where an image's label PNG goes, relative to the data folder; None without --masks."""
        if not self.options.masks:
            return None
        return f"{self.name}/masks/{self.masks[image.id]}"

    def refuse_what_is_in_the_way(self, run: Run) -> None:
        """Refuse to write over strangers' files, or to delete what is read."""
        masks = (path for image in self.images if (path := self.mask_path(image)) is not None)
        run.refuse_taken(("data", path) for path in (*self.output_files(), *masks))
        run.refuse_deleting(self._read_paths())

    def _read_paths(self) -> Iterable[Path]:
        for document in (self.document, self.merged):
            if document is not None:
                yield document.path
        for image in self.document.images:
            yield self.places.images / image.file_name
        if self.options.from_csv is not None:
            yield Path(self.options.from_csv)
        if self.options.from_masks is not None:
            for name in self.masks.values():
                yield Path(self.options.from_masks) / name

    def check_photos_unchanged(self, photos: Mapping[str, str]) -> None:
        """Refuse to go on with a run whose photos are no longer what they were."""
        for name, digest in photos.items():
            path = self.places.images / name
            if not path.is_file() or file_sha256(path) != digest:
                raise UserError(
                    printable(str(path)),
                    expected="the photo that the earlier run read",
                    found="another content" if path.is_file() else "no file",
                    advice="put it back, or label anew with --overwrite",
                )
