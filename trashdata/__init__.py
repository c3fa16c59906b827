"""Turn a small, badly balanced COCO segmentation set into a better training set."""

from __future__ import annotations

from pathlib import Path

__version__ = "0.1.0"

# The spokes (copy_paste, ...) are beside this folder in a checkout, and inside it once installed.
# In a checkout, Python finds this folder before the installed one.
_root = Path(__file__).resolve().parent.parent
if (
    not (Path(__file__).resolve().parent / "copy_paste").is_dir()
    and (_root / "copy_paste" / "command.py").is_file()
):
    __path__.append(str(_root))
