"""Building models by name: architectures, encoders, and the pairs that work."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias

import msgspec

from trashdata.errors import UserError, nearest, printable
from trashdata.inference.backend import import_smp, import_torch

OptionValue: TypeAlias = bool | int | float | str | list[int] | None
Rgb: TypeAlias = tuple[float, float, float]
Normalisation: TypeAlias = tuple[Rgb, Rgb]

OCR = "ocr"
# PAN pools its deepest features three times more, so that it needs photos of 128 pixels.
_TRIAL_SIZE = 128
_IMAGENET: Normalisation = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_HALF: Normalisation = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
# Encoders of SMP that were pretrained with other than the usual means.
_OTHER_MEANS: dict[str, Normalisation] = {
    "inception": _HALF,
    "xception": _HALF,
    "timm-tf_efficientnet_lite": _HALF,
    "dpn": ((124 / 255, 117 / 255, 104 / 255), (0.2348, 0.2348, 0.2348)),
}


class ModelSpec(msgspec.Struct, frozen=True):
    """Specification of a model.

    ``arch``, ``encoder``: names as `check_pair` returns them; ``encoder_weights``: ``imagenet``,
    ``none`` or the path of a state dict; ``channels``: 1 + number of classes; ``options``: further
    arguments of the SMP architecture, of plain types.
    """

    arch: str = "UnetPlusPlus"
    encoder: str = "efficientnet-b0"
    encoder_weights: str = "imagenet"
    channels: int = 2
    options: dict[str, OptionValue] = {}


@cache
def _classes() -> dict[str, Any]:
    """Architecture classes by name."""
    from trashdata.inference.ocr import ocr_class

    smp = import_smp()
    smp_classes = {kind.__name__: kind for kind in smp.MODEL_ARCHITECTURES_MAPPING.values()}
    return {**smp_classes, OCR: ocr_class()}


def architectures() -> list[str]:
    """Names of all architectures: SMP's, and ``ocr``."""
    return list(_classes())


@cache
def encoders() -> tuple[str, ...]:
    """Names of all encoders: SMP's own, and timm's as ``tu-`` and the name."""
    smp = import_smp()
    import timm

    return (*smp.encoders.get_encoder_names(), *(f"tu-{name}" for name in timm.list_models()))


def find_arch(arch: str) -> str:
    """The architecture's name as SMP writes it; case does not matter."""
    known = {name.casefold(): name for name in architectures()}
    if arch.casefold() not in known:
        raise UserError(
            f"--arch {printable(arch)}",
            expected="an architecture of segmentation-models-pytorch, or ocr",
            found="none of that name",
            advice=nearest(arch, known.values()),
        )
    return known[arch.casefold()]


def find_encoder(encoder: str) -> str:
    """The encoder's name as SMP writes it; case does not matter.

    timm's may end in a tag, such as ``tu-resnet18.a1_in1k``. Names of other sources (``hf-hub:``,
    ``local-dir:``) are refused.
    """
    known = {name.casefold(): name for name in encoders()}
    base, dot, tag = encoder.partition(".")
    if encoder.casefold() in known:
        return known[encoder.casefold()]
    if dot and encoder.startswith("tu-") and base.casefold() in known:
        import timm

        tags = [name.partition(".")[2] for name in timm.list_pretrained(f"{base[3:]}.*")]
        if tag in tags:
            return f"{known[base.casefold()]}.{tag}"
    raise UserError(
        f"--encoder {printable(encoder)}",
        expected="an encoder of segmentation-models-pytorch, or one of timm's with tu- before it",
        found="none of that name",
        advice=_nearest_encoder(encoder),
    )


def _nearest_encoder(encoder: str) -> str:
    advice = nearest(encoder, encoders())
    # The full list is too long for a sentence.
    return advice if advice.startswith("did you mean") else "try resnet34 or efficientnet-b0"


def check_pair(arch: str, encoder: str, size: int | None = None) -> tuple[str, str]:
    """Refuse an architecture and an encoder that don't work together.

    Parameters
    ----------
    size : also check that photos of this side, in pixels, are large enough.

    Returns
    -------
    Both names as SMP writes them.

    Raises
    ------
    UserError : an unknown name, with a similar known one, or a pair that SMP refuses, with the
        architectures that work with the encoder.
    """
    arch, encoder = find_arch(arch), find_encoder(encoder)
    problem = _problem(arch, encoder, _TRIAL_SIZE)
    if problem is not None:
        fitting = [
            arch_name for arch_name in architectures() if _problem(arch_name, encoder, 0) is None
        ]
        raise UserError(
            f"--arch {arch} --encoder {encoder}",
            expected="a pair that segmentation-models-pytorch can build",
            found=f"one that it refuses ({printable(problem)})",
            advice=f"{encoder} works with {', '.join(fitting)}"
            if fitting
            else f"no architecture takes {encoder}: choose another encoder",
        )
    if size is not None and size != _TRIAL_SIZE:
        problem = _problem(arch, encoder, size)
        if problem is not None:
            raise UserError(
                f"--size {size}",
                expected=f"a size that {arch} with {encoder} can work at",
                found=printable(problem),
                advice="choose a larger multiple of 32",
            )
    return arch, encoder


@cache
def _problem(arch: str, encoder: str, size: int) -> str | None:
    """Why a pair can't be built, or run on photos of this size (0: not tested), or None."""
    torch = import_torch()
    try:
        with torch.no_grad(), _without_memory(encoder):
            model = _construct(arch, encoder, 2, {})
            if size:
                model.eval()(torch.zeros(1, 3, size, size))
    # SMP, timm and torch raise exceptions of many types.
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        return text if len(text) <= 120 else text[:119] + "…"
    return None


@contextmanager
def _without_memory(encoder: str) -> Iterator[None]:
    """Context in which models have shapes but no weights, so that testing one takes a second."""
    # The mix transformers compute their drop rates in the constructor.
    if encoder.startswith("mit_"):
        yield
    else:
        with import_torch().device("meta"):
            yield


def _construct(
    arch: str, encoder: str, channels: int, options: dict[str, Any], weights: str | None = None
) -> Any:
    """Build a model for photos of any size; ``weights``: SMP's name of the encoder weights."""
    kind = _classes()[arch]
    arguments = {"encoder_name": encoder, "encoder_weights": weights, "classes": channels}
    size_options = {"dynamic_img_size": True} if _has_fixed_size(encoder) else {}
    with warnings.catch_warnings():
        # SMP's warning about renamed encoders.
        warnings.simplefilter("ignore")
        return kind(**arguments, **{**size_options, **options})


def needs_square(encoder: str) -> bool:
    """Whether an encoder was made for photos of one size, and may refuse what isn't square."""
    if not encoder.startswith("tu-"):
        return False
    import timm

    settings = timm.models.get_pretrained_cfg(encoder[3:])
    return settings is not None and settings.fixed_input_size


@cache
def _has_fixed_size(encoder: str) -> bool:
    """Whether timm builds the encoder for photos of one size unless told otherwise."""
    if not needs_square(encoder):
        return False
    import timm

    torch = import_torch()
    name = encoder[3:]
    try:
        with torch.device("meta"):
            timm.create_model(name, features_only=True, dynamic_img_size=True)
    except TypeError:
        return False
    # Other errors, such as missing feature maps, are raised again when it is built.
    except Exception:
        return True
    return True


def build_model(spec: ModelSpec) -> Any:
    """Build an SMP ``SegmentationModel``: (N, 3, h, w) float32 to logits (N, channels, h, w).

    Raises
    ------
    UserError : see `check_pair`; encoder weights that can't be had or don't fit; an option that
        the architecture doesn't have.
    """
    from trashdata.inference import encoder_weights as sources

    arch, encoder = find_arch(spec.arch), find_encoder(spec.encoder)
    _check_options(arch, spec.options)
    options = dict(spec.options)
    file = sources.weights_file(encoder, spec.encoder_weights)
    if file is None and spec.encoder_weights in sources.named_weights(encoder):
        check_pair(arch, encoder)
        with sources.fetching(encoder, spec.encoder_weights):
            return _construct(arch, encoder, spec.channels, options, spec.encoder_weights)
    try:
        model = _construct(arch, encoder, spec.channels, options)
    # The check has the better message, and takes a second if nothing is wrong.
    except Exception as error:
        check_pair(arch, encoder)
        width = options.get(_width_option(arch) or "")
        if width is not None and isinstance(error, ValueError):
            raise UserError(
                f"--decoder-channels {width}",
                expected=f"a number that {arch} can have",
                found=printable(str(error)),
                advice="try a multiple of 32, or omit it",
            ) from None
        raise
    if file is not None:
        sources.load_encoder_file(model.encoder, encoder, file)
    return model


def class_tensors(spec: ModelSpec) -> frozenset[str]:
    """Names of a model's tensors that have an entry for each channel, along their first axis."""
    arch, encoder = find_arch(spec.arch), find_encoder(spec.encoder)
    shapes = []
    for channels in (2, 3):
        with import_torch().no_grad(), _without_memory(encoder):
            model = _construct(arch, encoder, channels, dict(spec.options))
        shapes.append({name: tensor.shape for name, tensor in model.state_dict().items()})
    return frozenset(name for name, shape in shapes[0].items() if shapes[1][name] != shape)


def _check_options(arch: str, options: dict[str, OptionValue]) -> None:
    """Refuse options that the architecture doesn't take: timm's can name files and hosts."""
    taken = {"self", "kwargs", "encoder_name", "encoder_weights", "classes", "in_channels"}
    known = set(inspect.signature(_classes()[arch].__init__).parameters) - taken
    for name in options:
        if name not in known | {"dynamic_img_size"}:
            raise UserError(
                f"option {printable(name)}",
                expected=f"an argument of {arch}",
                found="none of that name",
                advice=nearest(name, sorted(known)),
            )


def decoder_options(arch: str, channels: int | None) -> dict[str, OptionValue]:
    """The options of a model whose decoder has so many channels; none for None.

    Raises
    ------
    UserError : the architecture's decoder is not described by one number.
    """
    if channels is None:
        return {}
    widths = {name: _width_option(name) for name in architectures()}
    option = widths[find_arch(arch)]
    if option is None:
        fitting = [name for name, found in widths.items() if found]
        raise UserError(
            f"--decoder-channels {channels}",
            expected=f"an architecture with one such number ({', '.join(fitting)})",
            found=arch,
            advice="omit it, or choose one of these with --arch",
        )
    return {option: channels}


def _width_option(arch: str) -> str | None:
    """The argument that is the one number of the decoder's channels, None if there is none."""
    parameters = inspect.signature(_classes()[arch].__init__).parameters
    names = ("decoder_segmentation_channels", "decoder_channels")
    widths = [name for name in names if name in parameters]
    return widths[0] if widths and isinstance(parameters[widths[0]].default, int) else None


def normalisation(encoder: str) -> Normalisation:
    """Mean and standard deviation (RGB, for values from 0 to 1) of the encoder's pretraining."""
    if encoder.startswith("tu-"):
        import_smp()
        import timm

        settings = timm.models.get_pretrained_cfg(encoder[3:])
        if settings is None:
            return _IMAGENET
        mean, std = ((float(r), float(g), float(b)) for r, g, b in (settings.mean, settings.std))
        return mean, std
    for beginning, values in _OTHER_MEANS.items():
        if encoder.startswith(beginning):
            return values
    return _IMAGENET
