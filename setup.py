"""The list of packages; everything else about the project is in pyproject.toml.

Spokes are folders at the root and are installed inside `trashdata`, so that no environment gets a
module called `train`. setuptools can map folders in pyproject.toml, or find packages, but not both;
found packages need no edit when a subpackage is added.
"""

from setuptools import find_packages, setup

SPOKES = [
    "copy_paste",
    "pseudo_label",
    "splitting",
    "train",
]

setup(
    packages=find_packages(include=["trashdata", "trashdata.*"])
    + [
        f"trashdata.{package}"
        for spoke in SPOKES
        for package in find_packages(include=[spoke, f"{spoke}.*"])
    ],
    package_dir={f"trashdata.{spoke}": spoke for spoke in SPOKES},
)
