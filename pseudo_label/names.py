"""The names of what a run writes."""

from __future__ import annotations

from trashdata.classes import CLASS_FILE

from .options import PseudoOptions


def run_name(options: PseudoOptions) -> str:
    """The folder of the run in the data folder, and how its files' names begin."""
    return f"{options.out}_report" if options.report else options.out


def mask_folder(options: PseudoOptions) -> str:
    """The folder of the label PNGs, relative to the data folder."""
    return f"{run_name(options)}/masks"


def output_files(options: PseudoOptions) -> list[str]:
    """The files to come beside the label PNGs, relative to the data folder."""
    name = run_name(options)
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
        files.append(f"{mask_folder(options)}/{CLASS_FILE}")
    return files
