"""Checks of how real and synthetic photos are to be mixed."""

from __future__ import annotations

from trashdata.console import Reporter
from trashdata.errors import UserError

from ..options import TrainOptions
from .samples import synthetic_share
from .sources import Sources


def check_mixing(options: TrainOptions, sources: Sources, reporter: Reporter) -> None:
    """Refuse shares and samplers that the photos don't allow; note the share that files make.

    Raises
    ------
    UserError : weights of files beside a share or a sampler; no photo of a kind that is asked for.
    """
    _refuse_weights(options, sources)
    real = sum(sample.real for sample in sources.samples)
    synthetic = len(sources.samples) - real
    people = sum(sample.real and not sample.pseudo for sample in sources.samples)
    share = options.synthetic_share
    if share and not synthetic:
        _refuse("--synthetic-share", f"{share:g}", "synthetic photos in the training files",
                "make some with 'trashdata copy-paste', or use --paste")  # fmt: skip
    if share is not None and share + options.paste < 1 and not real:
        _refuse("--synthetic-share", f"{share:g}", "real photos in the training files",
                "add some with --train, or omit the option")  # fmt: skip
    if options.sampler != "even" and not real:
        _refuse("--sampler", options.sampler, "real photos in the training files",
                "add some with --train, or omit the option")  # fmt: skip
    if options.finale and not people:
        _refuse("--finale", f"{options.finale:g}", "real photos with people's labels",
                "add some with --train, or omit the option")  # fmt: skip
    if options.batch_size > len(sources.samples):
        reporter.warn(
            f"--batch-size {options.batch_size} is more than the {len(sources.samples)} photos:"
            " some are in a batch more than once."
        )
    if synthetic and real and share is None:
        made = synthetic_share(sources.samples, options.paste)
        reporter.note(
            f"{made:.0%} of the photos shown are the {synthetic} synthetic ones of the"
            f" files, beside {real} real ones; --synthetic-share sets another share."
        )


def _refuse_weights(options: TrainOptions, sources: Sources) -> None:
    if not sources.weighted:
        return
    for name, used in (
        ("--synthetic-share", options.synthetic_share is not None),
        ("--sampler", options.sampler != "even"),
    ):
        if used:
            raise UserError(
                f"{name} and --train FILE:WEIGHT",
                expected="one of the two, as both say how often photos are seen",
                found="both",
                advice=f"omit the weights, or {name}",
            )


def _refuse(option: str, value: str, expected: str, advice: str) -> None:
    raise UserError(f"{option} {value}", expected=expected, found="none", advice=advice)
