"""Copy-Paste on photos of 12 megapixels, more of them than any cache holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.copy_paste import OUT, compare, made_photos
from benchmarks.harness import Bench, Figure, one_core
from benchmarks.inputs import write_enlarged, write_multiplied

if TYPE_CHECKING:
    # mypy knows the spokes under the names of their folders.
    from copy_paste import CopyPasteOptions
else:
    from trashdata.copy_paste import CopyPasteOptions

# So many drawn, each under so many names: to a cache they are different files.
DRAWN, NAMES = 40, 25
LENGTHS, QUICK_LENGTHS = (10, 60), (2, 4)
OUTPUTS = 12


def measure(bench: Bench) -> list[Figure]:
    """The floor and ours as in `copy_paste`, on enlarged photos; donors from all of them."""
    drawn, names = (4, 3) if bench.quick else (DRAWN, NAMES)
    with one_core(), bench.folder("enlarged") as enlarged, bench.folder("large") as data:
        write_enlarged(bench.data, enlarged, drawn)
        count = write_multiplied(enlarged, data, names)
        # The copies of a photo are duplicates, which would leave a few donors only.
        options = CopyPasteOptions(out=OUT, filter_donors=False)
        outputs = made_photos(data, options, 2 if bench.quick else OUTPUTS)
        lengths = QUICK_LENGTHS if bench.quick else LENGTHS
        figure = compare(bench, data, options, outputs, lengths, 3)
    note = f"{count:,} files, nearly every donor from another one, which the floor does not read"
    return [replace(figure, name="copy-paste, 12 MP", wanted="at least 0.6", note=note)]
