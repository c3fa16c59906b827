"""The steps of the demo as plain data: each is a command as one would type it."""

from __future__ import annotations

from dataclasses import dataclass

DATA = "input/data"
REPORT = "report.html"
RARE = "Battery"

# What learns most in a few minutes on two cores: a small model that sees whole photos, shrunk.
_MODEL = (
    "--arch PAN --encoder tu-test_resnet --encoder-weights none --size 128"
    " --augment flip,vertical-flip,random-sized-crop,brightness-contrast --ema --lr 4e-3"
)


@dataclass(frozen=True)
class Step:
    """A command line. ``keep``: the name under which its JSON summary is kept, if it is."""

    line: str
    keep: str = ""


def demo_steps(*, images: int, epochs: int) -> list[Step]:
    """The steps, in order; they are run in the demo's folder.

    Both trainings take equally many steps: the second sees half of the photos in each epoch,
    and as many new ones.
    """
    train = f"train --data {DATA} {_MODEL} --epochs {epochs}"
    num = 32 * images // 100
    return [
        Step(f"sample --data {DATA} --images {images} --overwrite"),
        Step(f"stats --data {DATA} --out stats.png --overwrite"),
        Step(f"kfold --data {DATA} --overwrite"),
        Step(f"copy-paste --data {DATA} --patch {RARE} --num {num} --overwrite"),
        Step(
            f"preview --data {DATA} --json copy_paste.json --patch {RARE}"
            " --out copy_paste.png --overwrite"
        ),
        Step(f"{train} --name before", keep="before"),
        Step(f"{train} --train train.json:0.5 --train copy_paste.json --name after", keep="after"),
        Step(f"pseudo --data {DATA} --model {{after}} --overwrite"),
        Step(f"evaluate --data {DATA} --model {{before}}", keep="scores before"),
        Step(f"evaluate --data {DATA} --model {{after}}", keep="scores after"),
        Step(
            f"report --data {DATA} --json copy_paste.json --compare train.json --run {{after}}"
            f" --out {REPORT} --overwrite"
        ),
    ]
