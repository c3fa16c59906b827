"""The run of ``trashdata prove``."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.architectures import (
    ModelSpec,
    build_model,
    check_pair,
    decoder_options,
)
from trashdata.inference.backend import import_smp
from trashdata.inference.encoder_weights import NONE, check_weights, weights_file
from trashdata.interrupts import set_interrupt_message
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.prove.compared import read_compared
from trashdata.prove.comparing import Comparison
from trashdata.prove.exporting import export
from trashdata.prove.files import check_folder, locked
from trashdata.prove.lanes import Lanes, Processes, Runner
from trashdata.prove.options import ProveOptions
from trashdata.prove.scored import score
from trashdata.prove.search import plan_search
from trashdata.prove.searching import search_and_compare
from trashdata.prove.trials import Plan

_RANDOM = (
    "From random weights, short training says little about the data, and sometimes the opposite of"
    " what pretrained weights say."
)


def prove(
    data: Path | str = DEFAULT_DATA,
    options: ProveOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    dry_run: bool = False,
    runner: Runner | None = None,
    reporter: Reporter | None = None,
) -> Outcome:
    """Train several arms with several seeds, and judge which of them helps.

    Every arm has the same steps, batches, schedule, initial weights and order of draws. Its data is
    made from the training part alone. Scored are the weights of the last step, on real photos at
    their own size; no score is looked at in training. Runs are kept by content under ``out``: what
    is there is not run again. With ``options.export`` and ``options.score`` another program trains,
    see `trashdata.prove.exporting` and `trashdata.prove.scored`.

    With ``search``, copy-paste's options are chosen by halving first, inside the training part; the
    winner alone is compared, on photos and seeds that the search has not seen.

    Parameters
    ----------
    data : folder with the COCO files.
    options : what is compared, and the model.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    workers : runs side by side; on GPUs as many as there are.
    dry_run : check everything, and say what would be run; nothing is written.
    runner : carries out a trial; by default in a process of its own.

    Returns
    -------
    ``figures``: the ``findings``, see `trashdata.prove.findings.as_plain`; and the ``search``, see
    `trashdata.prove.search_report.as_plain`, whose scores are no result.

    Raises
    ------
    UserError : anything that the user can fix; finished runs are kept.

    References
    ----------
    Bouthillier et al. 2021, "Accounting for Variance in Machine Learning Benchmarks", MLSys, arXiv
    2103.03098. The statistics are those of `trashdata.comparison`.
    """
    options, reporter = options or ProveOptions(), reporter or Reporter()
    if options.score is not None:
        return score(options, dry_run=dry_run, reporter=reporter)
    folders = DataFolders.of(data, images)
    if options.export is not None:
        return export(folders, options, workers=workers, dry_run=dry_run, reporter=reporter)
    check_folder(options.out)
    with ExitStack() as stack:
        if dry_run:
            out = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            out = options.out
            stack.enter_context(locked(out))
            set_interrupt_message("Start the same command again: what is missing is run.")
        plan, patch = plan_of(folders, options, out, workers, reporter)
        processes = Processes(plan.gpus)
        lanes = Lanes(runner or processes, plan.gpus or workers, processes.stop)
        if options.search:
            search = plan_search(plan, patch, out, workers, reporter)
            return search_and_compare(search, patch, out, lanes, reporter, dry_run=dry_run)
        return Comparison(plan, patch, out, lanes, reporter).carry_out(dry_run=dry_run)


def plan_of(
    folders: DataFolders, options: ProveOptions, out: Path, workers: int, reporter: Reporter
) -> tuple[Plan, list[str]]:
    """What is compared, and the classes that it is about."""
    import_smp()
    options, weights = _with_model(options, reporter)
    parts, arms, patch = read_compared(folders, options, out, workers, reporter)
    return Plan(folders, options, parts, arms, weights, _gpus()), patch


def _with_model(options: ProveOptions, reporter: Reporter) -> tuple[ProveOptions, str | None]:
    """The options with SMP's names of the model, and the SHA-256 of its weights' file."""
    arch, encoder = check_pair(options.arch, options.encoder, options.size)
    if options.encoder_weights == NONE:
        reporter.warn(_RANDOM)
    try:
        weights = check_weights(encoder, options.encoder_weights)
        if weights_file(encoder, options.encoder_weights) is None:
            further = decoder_options(arch, options.decoder_channels)
            build_model(ModelSpec(arch, encoder, options.encoder_weights, 2, further))
    except UserError as error:
        if not error.where.startswith("--encoder-weights"):
            raise
        raise UserError(
            error.where,
            expected=error.expected,
            found=error.found,
            advice=f"{error.advice}. {_RANDOM} --encoder-weights none goes on with them; 'pip"
            " install trashdata[weights]' brings those of --preset laptop",
        ) from None
    return replace(options, arch=arch, encoder=encoder), weights


def _gpus() -> int:
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0
