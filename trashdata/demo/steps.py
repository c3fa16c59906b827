"""The steps of the demo as plain data: each is a command line."""

from __future__ import annotations

from dataclasses import dataclass

DATA = "input/data"
REPORT = "report.html"
RARE = "Battery"

# A small model on resized photos learns most in a few minutes on two cores.
_MODEL = (
    "--arch PAN --encoder tu-test_resnet --encoder-weights none --size 128"
    " --augment flip,vertical-flip,random-sized-crop,brightness-contrast --ema --lr 4e-3"
)


@dataclass(frozen=True)
class Step:
    """A command line. ``keep``: a name under which its JSON summary is kept, or None."""

    line: str
    keep: str = ""


def demo_steps(*, images: int, epochs: int) -> list[Step]:
    """The steps, in order; they are run in the demo's folder.

    Both trainings take the same number of steps: the second one sees half of the photos in each
    epoch, and the same number of new ones.
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
