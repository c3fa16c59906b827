"""The commands whose files are hashed, with every option stated.

A change of defaults must not change what they do, so nothing is left to a default but options
that have none. ``{root}`` stands for the folder that a command runs in, ``{data}`` for the copy
there of the first data set.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A command, and what it needs.

    Parameters
    ----------
    arguments : the command line, as a shell would split it.
    sets : folders of the real data that it reads; each is copied.
    after : command lines that are run before it; what they write is not hashed.
    module : what Python is started with.
    kill_after : kill it when so many shards are recorded as done, then start it again.
    journal : where shards are recorded, if it is killed.
    """

    arguments: str
    sets: tuple[str, ...] = ("recycling-512",)
    after: tuple[str, ...] = ()
    module: str = "trashdata"
    kill_after: int = 0
    journal: str = ""


ONE = " --workers 1 --executor local --quiet"
TWO = " --workers 2 --executor local --quiet"
_MASKS = "masks --data {data} --json train.json --out masks"
_KFOLD = """kfold --data {data} --images {data} --json train_all.json --folds 3 --out kfold
    --group-by none --labels presence,count,area --weights 2,1,1 --refine --holdout 0.0 --seed 42
    --workers 1 --quiet"""
_BATTERY = """copy-paste --data {data} --images {data} --json train.json --out copy_paste
    --patch Battery --num 120 --lsj --lsj-min 0.2 --lsj-max 2.0 --background-lsj-min 1.0
    --background-lsj-max 2.0 --extract-patch --small-to-large --large-to-small --max-objects 3
    --min-area 100 --hflip 0.5 --vflip 0.0 --rotate 0.0 --place anywhere --blend gaussian
    --min-visible 0.1 --max-cover 0.3 --min-donor-area 64 --filter-donors --mode add
    --segmentation polygon --quality 95 --exif auto --seed 42"""

MASKS = {
    "masks": Command(_MASKS + ONE),
    "masks-of-coco": Command(
        "masks --data {data} --json instances_val2017.json --out labels" + TWO, ("coco-mini",)
    ),
    "from-masks": Command(
        """from-masks {data}/masks --data {data} --images {data} --classes {data}/masks/classes.json
        --out traced.json --segmentation polygon --workers 1 --quiet""",
        after=(_MASKS + ONE,),
    ),
    "from-masks-rle": Command(
        """from-masks {data}/masks --data {data} --images {data} --classes {data}/masks/classes.json
        --out traced_rle.json --segmentation rle --workers 2 --quiet""",
        after=(_MASKS + TWO,),
    ),
}

COPY_PASTE = {
    "copy-paste": Command(_BATTERY + ONE),
    "copy-paste-killed": Command(_BATTERY + ONE, kill_after=1, journal="copy_paste/.journal"),
    "copy-paste-other-donors": Command(
        """copy-paste --data {data} --images {data} --json train.json --out donated
        --patch Metal --patch Glass --donors {root}/litter-369/train.json
        --donor-images {root}/litter-369/photos --remove-patch Styrofoam --num 60 --size 256
        --lsj --lsj-min 0.5 --lsj-max 1.5 --background-lsj-min 0.5 --background-lsj-max 1.5
        --extract-patch --no-small-to-large --large-to-small --max-objects 4
        --min-area 30 --max-area 20000 --hflip 0.3 --vflip 0.1 --rotate 0.0 --place anywhere
        --blend gaussian --min-visible 0.2 --max-cover 0.5 --min-donor-area 50 --filter-donors
        --mode self --segmentation rle --quality 90 --exif auto --seed 7"""
        + TWO,
        ("recycling-512", "litter-369"),
    ),
    "copy-paste-goals": Command(
        """copy-paste --data {data} --images {data} --json train.json --out goals
        --target Battery=200 --target Clothing=8% --target Glass=4px% --max-reuse 12 --num 110
        --lsj --lsj-min 0.2 --lsj-max 2.0 --background-lsj-min 1.0 --background-lsj-max 2.0
        --extract-patch --small-to-large --large-to-small --max-objects 3
        --min-area 100 --hflip 0.5 --vflip 0.0 --rotate 0.0 --place anywhere --blend gaussian
        --min-visible 0.1 --max-cover 0.3 --min-donor-area 64 --filter-donors
        --mode add --segmentation polygon --quality 95 --exif auto --seed 42"""
        + TWO,
    ),
    "copy-paste-whole": Command(
        """copy-paste --data {data} --images {data}/photos --json train.json --out whole
        --patch Metal --patch Styrofoam --num 60
        --lsj --lsj-min 0.3 --lsj-max 1.2 --background-lsj-min 0.8 --background-lsj-max 1.2
        --whole --small-to-large --no-large-to-small --max-objects 2
        --min-area 100 --hflip 0.5 --vflip 0.2 --rotate 20 --place row --blend poisson
        --min-visible 0.1 --max-cover 0.3 --min-donor-area 64 --filter-donors
        --mode add --segmentation polygon --quality 95 --exif apply --seed 3"""
        + ONE,
        ("litter-369",),
    ),
    "copy-paste-balance": Command(
        """copy-paste --data {data} --images {data}/val2017 --json instances_val2017.json
        --out balanced --balance 0.2 --max-reuse 3 --num 60
        --no-lsj --lsj-min 0.2 --lsj-max 2.0 --background-lsj-min 1.0 --background-lsj-max 1.0
        --extract-patch --no-small-to-large --no-large-to-small --max-objects 5
        --min-area 50 --hflip 0.0 --vflip 0.0 --rotate 5 --place row --blend none
        --min-visible 0.0 --max-cover 1.0 --cut-donors --min-donor-area 10 --no-filter-donors
        --mode add --segmentation polygon --quality 80 --exif ignore --seed 0"""
        + TWO,
        ("coco-mini",),
    ),
    "copy-paste-fold": Command(
        """copy-paste --data {data} --images {data} --json train.json --out copy_paste --fold 1
        --patch Clothing --background Paper --num 10
        --lsj --lsj-min 0.2 --lsj-max 2.0 --background-lsj-min 1.0 --background-lsj-max 2.0
        --extract-patch --small-to-large --large-to-small --max-objects 3
        --min-area 100 --hflip 0.5 --vflip 0.0 --rotate 0.0 --place anywhere --blend gaussian
        --min-visible 0.1 --max-cover 0.3 --min-donor-area 64 --filter-donors --mode add
        --segmentation polygon --quality 95 --exif auto --seed 42"""
        + ONE,
        after=(_KFOLD,),
    ),
    # Dense labels, and unlabelled regions.
    "copy-paste-dense": Command(
        """copy-paste --data {data} --images {data} --json val.json --out dense
        --patch SignSymbol --num 20
        --lsj --lsj-min 0.5 --lsj-max 2.0 --background-lsj-min 0.5 --background-lsj-max 2.0
        --extract-patch --small-to-large --large-to-small --max-objects 3
        --min-area 60 --hflip 0.5 --vflip 0.0 --rotate 0.0 --place row --blend gaussian
        --min-visible 0.1 --max-cover 0.3 --min-donor-area 64 --filter-donors --mode self
        --segmentation rle --quality 95 --exif auto --seed 42"""
        + TWO,
        ("street-406",),
    ),
}

OVERSAMPLE = {
    "oversample": Command(
        """oversample --data {data} --images {data} --json train.json --out oversample
        --patch Battery --patch Clothing --background-objects 3 --num 60
        --min-area 100 --start-index 5 --elastic 0.05 --hflip 0.5 --vflip 0.1 --blend gaussian
        --min-visible 0.1 --max-cover 0.3 --filter-donors --mode add --segmentation polygon
        --quality 95 --exif auto --seed 42"""
        + TWO,
    ),
    "oversample-goals": Command(
        """oversample --data {data} --images {data} --json train.json --out oversample_goals
        --target Battery=70 --background-objects 4 --max-reuse 4 --num 60 --size 320
        --min-area 80 --max-area 60000 --start-index 0 --elastic 0.0 --hflip 0.5 --vflip 0.0
        --blend poisson --min-visible 0.1 --max-cover 0.6 --no-filter-donors --mode add
        --segmentation rle --quality 85 --exif auto --seed 1"""
        + ONE,
    ),
    # It makes no photos, and refuses all options that speak of them.
    "oversample-repeats": Command(
        """oversample --data {data} --images {data} --json train.json --out repeats
        --repeat-factor auto --seed 42"""
        + ONE,
    ),
}

KFOLD = {
    "kfold": Command(
        """kfold --data {data} --images {data} --json train_all.json --folds 5 --out kfold
        --group-by auto --labels presence,count,area --weights 2,1,1 --refine --holdout 0.0
        --seed 42 --workers 1 --quiet""",
    ),
    "kfold-by-scene": Command(
        """kfold --data {data} --images {data}/photos --json train_all.json --folds 3 --out scenes
        --group-by scene --labels presence,count --weights 1,100 --no-refine --holdout 0.1
        --seed 3 --workers 2 --quiet""",
        ("litter-369",),
    ),
}

FILES = {
    "merge": Command(
        """merge train.json val.json --data {data} --images {data} --on-duplicate error
        --out merged.json --quiet""",
    ),
    "merge-of-two-sets": Command(
        """merge recycling-512/train.json litter-369/train.json --data {root} --images {root}
        --images-of recycling-512/train.json={root}/recycling-512
        --images-of litter-369/train.json={root}/litter-369/photos --on-duplicate error
        --out both.json --quiet""",
        ("recycling-512", "litter-369"),
    ),
    "merge-of-duplicates": Command(
        """merge train.json train_all.json --data {data} --images {data} --on-duplicate union
        --out united.json --quiet""",
    ),
    "filter": Command(
        """filter --data {data} --json train.json --rename 'Paper pack=Paper' --drop Battery
        --rest error --min-area 200 --drop-empty --out fewer.json --quiet""",
    ),
    "filter-by-map": Command(
        """filter --data {data} --json annotations.json --map taco-to-recycling --rest error
        --min-area 0.0 --out mapped.json --quiet""",
        ("taco",),
    ),
    "export-yolo": Command(
        """export --to yolo --data {data} --images {data} --json train.json --json val.json
        --photos --out {root}/yolo --workers 2 --quiet""",
    ),
    "export-voc-masks": Command(
        """export --to voc-masks --data {data} --images {data}/photos --json val.json --no-photos
        --out {root}/voc --workers 1 --quiet""",
        ("litter-369",),
    ),
    "export-coco-panoptic": Command(
        """export --to coco-panoptic --data {data} --images {data}/val2017
        --json instances_val2017.json --photos --out {root}/panoptic --workers 2 --quiet""",
        ("coco-mini",),
    ),
    "sample": Command(
        "sample --data {root}/drawn --images 60 --size 96 --seed 5 --workers 2 --quiet", ()
    ),
}

# Options of `trashdata.pseudo_label.PseudoOptions`, since only the function takes models.
_STUB = """{{"json": "train.json", "out": "pseudo", "tta": "flip", "weights": "miou",
    "threshold": null, "portion": 0.4, "agree": true, "min_area": 60, "min_image_score": null,
    "keep_images": 0.7, "unsure": "ignore", "segmentation": "polygon", "merge_with": "val.json",
    "masks": true, "from_csv": null, "size_in": 256, "from_masks": null, "crf": false,
    "report": false, "exif": "auto", "device": "auto", "seed": 42}}"""
_STUB_REPORT = """{{"json": "val.json", "out": "judged", "tta": "flip", "weights": "miou",
    "threshold": 0.35, "portion": null, "agree": false, "min_area": 30, "min_image_score": null,
    "keep_images": null, "unsure": "background", "segmentation": "rle", "merge_with": null,
    "masks": false, "from_csv": null, "size_in": 256, "from_masks": null, "crf": false,
    "report": true, "exif": "auto", "device": "auto", "seed": 42}}"""
PSEUDO = {
    "pseudo": Command(f"{{data}} 2 '{_STUB}'", module="golden.stub_pseudo"),
    # Killed in its second pass: the first one has three shards.
    "pseudo-killed": Command(
        f"{{data}} 2 '{_STUB}'",
        module="golden.stub_pseudo",
        kill_after=4,
        journal="pseudo/.journal",
    ),
    "pseudo-report": Command(f"{{data}} 1 '{_STUB_REPORT}'", module="golden.stub_pseudo"),
    "pseudo-from-masks": Command(
        """pseudo --data {data} --images {data} --json train.json --out relabelled
        --from-masks {data}/masks --min-area 100 --unsure ignore --segmentation rle
        --merge-with val.json --masks --exif auto --device auto --seed 42"""
        + ONE,
        after=(_MASKS + ONE,),
    ),
}

COMMANDS: dict[str, Command] = {
    **MASKS,
    **COPY_PASTE,
    **OVERSAMPLE,
    **KFOLD,
    **FILES,
    **PSEUDO,
}
