"""Copy-Paste from files to files: plan everything on labels, check the photos, then write."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from trashdata.classes import find_classes
from trashdata.coco.document import CategoryRecord, Document, ImageRecord
from trashdata.coco.read import read_document
from trashdata.coco.write import lines_of, write_document
from trashdata.console import Reporter
from trashdata.copy_paste.annotate import (
    annotation_records,
    image_provenance,
    scene_labels,
)
from trashdata.copy_paste.donors import Donor, find_donors
from trashdata.copy_paste.options import CopyPasteOptions
from trashdata.copy_paste.plan import Material, PhotoPlan, plan_photo
from trashdata.copy_paste.render import CropCache, paste_donor, render_background
from trashdata.copy_paste.scene import Rules, Scene
from trashdata.copy_paste.sources import SourceObject, SourcePhoto, source_photo
from trashdata.errors import UserError
from trashdata.jobs.run import (
    FileEntry,
    Run,
    ShardRecord,
    ShardWriter,
    remove_temporary,
    run_identity,
    temporary_name,
    write_atomically,
)
from trashdata.jobs.shards import run_shards
from trashdata.masks.png import encode_label_png
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places, refuse_existing, refuse_input_as_output
from trashdata.photos import check_photo, encode_jpeg, file_sha256, photo_path, read_photo

# Photos a shard: what a killed run makes anew, at most, for each worker.
SHARD = 20
CACHE_BYTES = 256 << 20


def copy_paste(
    data: Path | str = DEFAULT_DATA,
    options: CopyPasteOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Make new photos by pasting objects of rare classes onto the photos of a COCO set.

    Parameters
    ----------
    data : the data folder; ``options.json`` and ``options.out`` are names in it.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    dry_run : plan and report, write nothing.
    overwrite : replace what an earlier run wrote under the same name.

    Returns
    -------
    What was read, written and counted; ``figures["classes"]`` holds objects per class.

    Raises
    ------
    UserError : anything that the user can mend; nothing is written, or the state can be resumed.

    References
    ----------
    Ghiasi et al. 2021, "Simple Copy-Paste is a Strong Data Augmentation Method for Instance
    Segmentation", arXiv 2012.07177.
    """
    options = options or CopyPasteOptions()
    reporter = reporter or Reporter()
    job = _Job(Places.of(data, images), options, reporter)
    context = job.context(workers)
    if dry_run:
        summary = _plan_all(context, workers, reporter)
        return job.report(summary, written=False)
    with Run(job.folder, job.identity(), context.roots, overwrite=overwrite) as run:
        if run.finished is not None:
            job.check_photos_unchanged(run.finished.photos)
            reporter.note(f"Done already: {job.folder} is complete.")
            return job.report(_Summary(**run.finished.summary), written=True)
        context = replace(context, journal=run.journal)
        if run.resumable():
            content = (run.journal / "plan.json").read_bytes()
            summary = msgspec.json.decode(content, type=_Summary)
            reporter.note(f"Going on with the run in {job.folder}.")
        else:
            job.refuse_foreign_json(run)
            summary = _plan_all(context, workers, reporter)
            job.check_photos(summary)
            write_atomically(run.journal / "plan.json", msgspec.json.encode(summary))
            run.start()
        _render_all(run, job, context, summary, workers)
    return job.report(summary, written=True)


class _Summary(msgspec.Struct, frozen=True):
    """What the plans of all photos add up to; objects per class index - 1."""

    annotations: list[int]  # for each photo
    added: list[int]
    pasted: list[int]
    backgrounds: list[int]  # places of the photos that serve
    donors: list[int]


class _PlannedPhoto(msgspec.Struct, frozen=True, array_like=True):
    """A plan with what follows from it on labels: annotations without ids, mask, provenance."""

    plan: PhotoPlan
    annotations: list[bytes]
    mask: bytes
    provenance: dict[str, Any]


@dataclass
class _Context:
    """What the workers share."""

    material: Material
    background_roots: Path
    donor_root: Path
    donor_photos: Sequence[ImageRecord]
    donor_file: str | None
    options: CopyPasteOptions
    roots: dict[str, Path]
    class_count: int
    first_image_id: int
    digits: int
    cache_bytes: int
    journal: Path | None = None

    @cached_property
    def crops(self) -> CropCache:
        return CropCache(self.cache_bytes)

    def image_name(self, index: int) -> str:
        return f"{self.options.out}/images/{index:0{self.digits}}.jpg"

    def mask_name(self, index: int) -> str:
        return f"{self.options.out}/masks/{index:0{self.digits}}.png"


class _Job:
    """The inputs of a run, read and checked."""

    def __init__(self, places: Places, options: CopyPasteOptions, reporter: Reporter) -> None:
        self.places = places
        self.reporter = reporter
        self.options = replace(options, out=places.output_name(options.out))
        self.folder = places.data / self.options.out
        self.json_path = places.data / f"{self.options.out}.json"
        self.document = read_document(places.input_json(options.json))
        self.donor_document = self._read_donors()
        self.donor_root = places.images
        if options.donors is not None and options.donor_images is not None:
            self.donor_root = Places.of(places.data, options.donor_images).images
        inputs = [self.document.path, self.donor_document.path]
        refuse_input_as_output(self.json_path, inputs)
        for document in {id(d): d for d in (self.document, self.donor_document)}.values():
            for warning in document.warnings:
                reporter.warn(warning)
        self.patch = self._patch_classes()
        self.backgrounds = self._backgrounds()
        self.left_out: Counter[str] = Counter()
        self.donors: list[Donor] = []
        self.donor_images: list[ImageRecord] = []

    def _read_donors(self) -> Document:
        if self.options.donors is None:
            return self.document
        return read_document(self.places.input_json(self.options.donors))

    def _patch_classes(self) -> list[CategoryRecord]:
        document = self.document
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

    def _backgrounds(self) -> list[SourcePhoto]:
        document, names = self.document, self.options.background
        wanted = {category.id for category in find_classes(document, names, "--background")}
        photos = []
        for image in document.images:
            own = {item.category_id for item in document.annotations_of.get(image.id, [])}
            own -= document.ignore_ids
            if "repeat_of" not in image.trashdata and (not names or (own and own <= wanted)):
                photos.append(source_photo(document, image))
        if not photos:
            raise UserError(
                "--background" if names else document.name,
                expected="a photo whose objects are all of these classes" if names else "a photo",
                found="none",
                advice="name more classes with --background" if names else "choose another --json",
            )
        return photos

    def context(self, workers: int) -> _Context:
        """Find the donors and gather what the workers need."""
        patch = self._class_indices(category.name for category in self.patch)
        document = self.donor_document
        removed = find_classes(document, self.options.remove_patch, "--remove-patch")
        photos = self._donor_photos(document)
        donors, self.left_out = find_donors(
            photos,
            frozenset(patch),
            frozenset(self._class_indices(category.name for category in removed)),
            whole=not self.options.extract_patch,
            cut_donors=self.options.cut_donors,
        )
        self.donors, self.donor_images = donors, [photo.image for photo in photos]
        by_class = [[i for i, d in enumerate(donors) if d.class_index == index] for index in patch]
        self._check_donors(by_class)
        options = self.options
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
        return _Context(
            material=material,
            background_roots=self.places.images,
            donor_root=self.donor_root,
            donor_photos=self.donor_images,
            donor_file=document.name if document is not self.document else None,
            options=options,
            roots={"data": self.places.data, "images": self.places.images},
            class_count=len(self.document.class_categories),
            first_image_id=max(image.id for image in self.document.images) + 1,
            digits=max(6, len(str(options.num - 1))),
            cache_bytes=CACHE_BYTES // max(1, workers),
        )

    def _class_indices(self, names: Any) -> list[int]:
        index = {category.name: k for k, category in enumerate(self.document.class_categories, 1)}
        return [index[name] for name in names if name in index]

    def _donor_photos(self, document: Document) -> list[SourcePhoto]:
        """Donor photos, their classes by name those of the input; others' objects are left out."""
        photos = [
            source_photo(document, image)
            for image in document.images
            if "repeat_of" not in image.trashdata
        ]
        if document is self.document:
            return photos
        own = {category.name: category.id for category in self.document.class_categories}
        ids = {c.id: own[c.name] for c in document.class_categories if c.name in own}
        index = self.document.class_index
        return [
            replace(
                photo,
                objects=tuple(
                    replace(item, category_id=ids[item.category_id], class_index=index[ids[item.category_id]])
                    if item.category_id in ids
                    else replace(item, ignore=True, class_index=0)
                    for item in photo.objects
                ),
            )
            for photo in photos
        ]

    def _check_donors(self, by_class: Sequence[Sequence[int]]) -> None:
        for category, members in zip(self.patch, by_class, strict=True):
            if not members and self.options.extract_patch:
                reasons = ", ".join(f"{count} {why}" for why, count in self.left_out.items())
                raise UserError(
                    f"--patch {category.name!r}",
                    expected=f"an object of this class in {self.donor_document.name} to paste",
                    found=f"none after the filters (left out: {reasons or 'nothing'})",
                    advice="allow --cut-donors, drop --remove-patch, or give --donors FILE.json",
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
        options = asdict(self.options)
        for key in ("json", "donors"):
            options[key] = options[key] and Path(options[key]).name
        options["donor_images"] = self.options.donor_images is not None
        options["patch"] = [category.name for category in self.patch]
        return run_identity("copy-paste", options, inputs)

    def refuse_foreign_json(self, run: Run) -> None:
        """An existing JSON must be listed by the earlier run's manifest."""
        owned = {entry.path for entry in run.earlier_files()}
        if self.json_path.name not in owned:
            refuse_existing(self.json_path, overwrite=False)
        taken = f"{self.options.out}/images/"
        for image in self.document.images:
            if image.file_name.startswith(taken):
                raise UserError(
                    f"--out {self.options.out}",
                    expected="a folder that holds no photo of the input",
                    found=image.file_name,
                    advice="choose another --out",
                )

    def check_photos(self, summary: _Summary) -> None:
        """Check every photo that will be read, before anything is written."""
        exif = self.options.exif
        open_questions = 0
        used = [(self.places.images, self.backgrounds[k].image) for k in summary.backgrounds]
        photos = dict.fromkeys(self.donors[k].photo for k in summary.donors)
        used += [(self.donor_root, self.donor_images[photo]) for photo in photos]
        with self.reporter.progress("Checking photos", len(used)) as tick:
            for root, image in used:
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

    def report(self, summary: _Summary, *, written: bool) -> Outcome:
        before = self.document.class_counts()
        kept = before if self.options.mode == "add" else np.zeros_like(before)
        after = kept + np.array(summary.added)
        names = [category.name for category in self.document.class_categories]
        title = f"{len(summary.annotations)} photos {'in' if written else 'planned for'} {self.folder}"
        columns = (before.tolist(), summary.pasted, summary.added, after.tolist())
        rows = list(zip(names, *columns, strict=True))
        self.reporter.table(title, ("class", "before", "pasted", "new", "after"), rows)
        if self.left_out:
            reasons = ", ".join(f"{count} {why}" for why, count in self.left_out.items())
            self.reporter.note(f"{len(self.donors)} donors; left out: {reasons}.")
        outputs = [
            str(self.json_path),
            str(self.places.images / self.options.out / "images"),
            str(self.folder / "masks"),
        ]
        if written:
            for label, path in zip(("COCO JSON", "Photos", "Masks"), outputs, strict=True):
                self.reporter.note(f"{label:10}{path}")
        classes = [
            {"class": name, "before": b, "pasted": p, "new": n, "after": a}
            for name, b, p, n, a in rows
        ]
        return Outcome(
            command="copy-paste",
            inputs={d.name: d.sha256 for d in (self.document, self.donor_document)},
            outputs=outputs if written else [],
            counts={
                "photos": len(summary.annotations),
                "annotations": sum(summary.annotations),
                "pasted": sum(summary.pasted),
                "donors": len(self.donors),
                "backgrounds": len(self.backgrounds),
            },
            warnings=self.reporter.warnings,
            figures={"classes": classes, "donors_left_out": dict(self.left_out)},
        )


# --- planning -------------------------------------------------------------------------------


class _ShardPlan(msgspec.Struct, frozen=True):
    annotations: list[int]
    added: list[int]
    pasted: list[int]
    backgrounds: list[int]
    donors: list[int]


def _plan_all(context: _Context, workers: int, reporter: Reporter) -> _Summary:
    num = context.options.num
    starts = list(range(0, num, SHARD))
    plans: list[_ShardPlan | None] = [None] * len(starts)
    with reporter.progress("Planning", num) as tick:
        for number, shard in run_shards(_plan_shard, starts, context, workers=workers):
            plans[number] = shard
            tick(len(shard.annotations))
    done = [plan for plan in plans if plan is not None]
    return _Summary(
        annotations=[count for plan in done for count in plan.annotations],
        added=np.sum([plan.added for plan in done], axis=0).tolist(),
        pasted=np.sum([plan.pasted for plan in done], axis=0).tolist(),
        backgrounds=sorted({place for plan in done for place in plan.backgrounds}),
        donors=sorted({place for plan in done for place in plan.donors}),
    )


def _plan_shard(context: _Context, start: int) -> _ShardPlan:
    planned = []
    added = np.zeros(context.class_count + 1, dtype=np.int64)
    pasted = np.zeros_like(added)
    for index in range(start, min(start + SHARD, context.options.num)):
        plan, scene = plan_photo(index, context.material)
        for item in _visible_objects(scene):
            added[item.source.class_index] += 1
            pasted[item.source.class_index] += item.donor is not None
        planned.append((plan, scene))
    if context.journal is not None:
        content = [_label_side(context, plan, scene) for plan, scene in planned]
        path = context.journal / f"plan-{start:09}.msgpack"
        write_atomically(path, msgspec.msgpack.encode(content))
    plans = [plan for plan, _ in planned]
    return _ShardPlan(
        annotations=[sum(o.visible > 0 for o in scene.objects) for _, scene in planned],
        added=added[1:].tolist(),
        pasted=pasted[1:].tolist(),
        backgrounds=[plan.background for plan in plans],
        donors=[paste.donor for plan in plans for paste in plan.pastes],
    )


def _visible_objects(scene: Scene) -> list[Any]:
    return [o for o in scene.objects if o.visible > 0 and not o.source.ignore]


def _label_side(context: _Context, plan: PhotoPlan, scene: Scene) -> _PlannedPhoto:
    donors = context.material.donors
    ids = {p.donor: context.donor_photos[donors[p.donor].photo].id for p in plan.pastes}
    records = annotation_records(scene, ids, context.donor_file, context.options.segmentation)
    background = context.material.backgrounds[plan.background].image.id
    return _PlannedPhoto(
        plan,
        [msgspec.json.encode(record) for record in records],
        encode_label_png(scene_labels(scene)),
        image_provenance(scene, background),
    )


# --- rendering ------------------------------------------------------------------------------


def _render_all(
    run: Run, job: _Job, context: _Context, summary: _Summary, workers: int
) -> None:
    first_annotation = max((item.id for item in job.document.annotations), default=0) + 1
    offsets = first_annotation + np.cumsum([0, *summary.annotations])
    starts = range(0, len(summary.annotations), SHARD)
    names = [f"render-{start:09}" for start in starts]
    records = [run.record_of(name) for name in names]
    done = [record for record in records if record is not None]
    job.check_photos_unchanged({k: v for record in done for k, v in record.photos.items()})
    left = [k for k, record in enumerate(records) if record is None]
    shards = [(starts[k], int(offsets[starts[k]])) for k in left]
    with job.reporter.progress("Photos", len(summary.annotations)) as tick:
        tick(min(len(done) * SHARD, len(summary.annotations)))
        for number, record in run_shards(_render_shard, shards, context, workers=workers):
            records[left[number]] = record
            tick(min(SHARD, len(summary.annotations) - shards[number][0]))
    finished = [record for record in records if record is not None]
    files = [entry for record in finished for entry in record.files]
    photos = _agreed_photos(finished)
    files.append(_write_json(run, job, names))
    remove_temporary({(run.roots[entry.root] / entry.path).parent for entry in files[:2]})
    run.finish(files, photos, msgspec.to_builtins(summary))


def _render_shard(context: _Context, shard: tuple[int, int]) -> ShardRecord:
    start, annotation_id = shard
    assert context.journal is not None
    content = (context.journal / f"plan-{start:09}.msgpack").read_bytes()
    planned = msgspec.msgpack.decode(content, type=list[_PlannedPhoto])
    writer = ShardWriter(context.journal, context.roots, f"render-{start:09}")
    indices = [photo.plan.index for photo in planned]
    writer.intend(
        [("images", context.image_name(index)) for index in indices]
        + [("data", context.mask_name(index)) for index in indices]
    )
    image_lines, annotation_lines = [], []
    for photo in planned:
        index = photo.plan.index
        pixels = _render(context, photo.plan, writer)
        writer.write("images", context.image_name(index), encode_jpeg(pixels, context.options.quality))
        writer.write("data", context.mask_name(index), photo.mask)
        image_id = context.first_image_id + index
        image_lines.append(
            msgspec.json.encode(
                {
                    "id": image_id,
                    "file_name": context.image_name(index),
                    "width": pixels.shape[1],
                    "height": pixels.shape[0],
                    "trashdata": photo.provenance,
                }
            )
        )
        for record in photo.annotations:
            ids = f'{{"id":{annotation_id},"image_id":{image_id},'.encode()
            annotation_lines.append(ids + record[1:])
            annotation_id += 1
    for kind, lines in (("images", image_lines), ("annotations", annotation_lines)):
        path = context.journal / f"render-{start:09}.{kind}"
        write_atomically(path, b"".join(line + b"\n" for line in lines))
    return writer.record()


def _render(context: _Context, plan: PhotoPlan, writer: ShardWriter) -> np.ndarray[Any, np.dtype[np.uint8]]:
    exif = context.options.exif
    image = context.material.backgrounds[plan.background].image
    photo = read_photo(context.background_roots, image, exif)
    writer.photos[f"images:{image.file_name}"] = photo.sha256
    canvas = render_background(photo.pixels, plan.jitter)
    for paste in plan.pastes:
        donor = context.material.donors[paste.donor]
        source = context.donor_photos[donor.photo]

        def load(source: ImageRecord = source, donor: Donor = donor) -> Any:
            photo = read_photo(context.donor_root, source, exif)
            x, y, width, height = donor.crop
            return photo.pixels[y : y + height, x : x + width].copy(), photo.sha256

        crop, digest = context.crops.get(paste.donor, load)
        root = "images" if context.donor_file is None else "donors"
        writer.photos[f"{root}:{source.file_name}"] = digest
        paste_donor(canvas, crop, donor, paste.transform, context.options.blend)
    return canvas


def _agreed_photos(records: Sequence[ShardRecord]) -> dict[str, str]:
    """SHA-256 by photo; one that was read with two contents was replaced during the run."""
    agreed: dict[str, str] = {}
    for record in records:
        for name, digest in record.photos.items():
            if agreed.setdefault(name, digest) != digest:
                raise UserError(
                    name.partition(":")[2],
                    expected="a photo that stays the same during the run",
                    found="two contents",
                    advice="leave the photos alone and make the set anew with --overwrite",
                )
    return agreed


def _write_json(run: Run, job: _Job, names: Sequence[str]) -> FileEntry:
    """Gather the shards' records into the COCO file, behind the input's if it is to be kept."""
    document = job.document
    keep = job.options.mode == "add"
    new_images = lines_of(run.journal / f"{name}.images" for name in names)
    new_annotations = lines_of(run.journal / f"{name}.annotations" for name in names)
    lists = {
        "images": _chain(document.raw_images if keep else [], new_images),
        "annotations": _chain(document.raw_annotations if keep else [], new_annotations),
        "categories": document.raw_categories,
    }
    temporary = temporary_name(job.json_path)
    with temporary.open("wb") as stream:
        write_document(stream, document.top, lists)
    os.replace(temporary, job.json_path)
    size = job.json_path.stat().st_size
    return FileEntry("data", job.json_path.name, size, file_sha256(job.json_path))


def _chain(kept: Sequence[msgspec.Raw], new: Any) -> Any:
    yield from kept
    yield from new
