"""Average precision of the connected regions of label maps, as COCO computes it for masks.

Beside the pixel IoU, which large regions decide, it says whether single objects are found.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord, segmentation_shape
from trashdata.mask_codec.raster import rasterise
from trashdata.masks.labelmap import label_map
from trashdata.palette import IGNORE_INDEX

from .connected_regions import Bitmap, Labels, Regions, connected_regions, encode_numbers
from .pixel_counts import Floats

MIN_AREA = 100
MOST = 100


@dataclass(frozen=True, slots=True)
class TrueRegion:
    """``area`` in pixels; ``counts``: of the mask's compressed RLE, which has the photo's size.

    ``crowd``: it need not be found, and a prediction inside it is neither right nor wrong.
    """

    class_index: int
    area: int
    counts: bytes
    crowd: bool = False


@dataclass(frozen=True, slots=True)
class PredictedRegion:
    """As `TrueRegion`; ``score``: the mean confidence of its pixels, from 0 to 1."""

    class_index: int
    area: int
    counts: bytes
    score: float


@dataclass(frozen=True, slots=True)
class PhotoRegions:
    """The regions of one photo of ``shape`` (height, width) in pixels."""

    shape: tuple[int, int]
    true: Sequence[TrueRegion]
    predicted: Sequence[PredictedRegion]


class RegionScorer:
    """Average precision of predicted label maps, fed photo by photo; see `average_precision`.

    Only the regions are kept, run-length encoded.

    Parameters
    ----------
    document : with the truth; photos that are not added don't count.
    channels : number of classes with the background.
    min_area : smaller regions, in pixels, don't count, whether true or predicted.
    most : regions of a photo and class that count at most; those of the highest scores do.

    Notes
    -----
    A model of semantic segmentation gives one class a pixel and can't part objects of a class that
    touch or overlap. The truth is therefore made of the same kind of things: not the annotations,
    but the 8-connected regions of the label map that they are painted to (`label_map`). Touching
    objects of a class are one region, and what another object covers is not expected. So a
    prediction that is right at every labelled pixel scores 1 (with at most ``most`` regions of a
    class in a photo), and the pixel IoU and this score have one truth. The limits that come with
    it: nothing is said of how well objects are told apart; two objects that the prediction joins
    by one pixel are one wrong region; an object that is cut in two by another is two regions.

    What COCO ignores is ignored: a region with a pixel of a crowd annotation of its class is a
    crowd as a whole. Pixels that are 255 in the truth count neither way, as with the pixel IoU:
    they are removed from the prediction before its regions are found. What is left of a region
    that was by more than half in them is no false positive, but may be right. Taken for crowds, as
    COCO would, they would count against a region that goes on into them: on a street set with 3 %
    of its pixels ignored, a prediction without a fault elsewhere would score 0.67 on average.

    Small regions are treated as COCO treats objects that are not of the size asked for: a small
    true region need not be found, a small prediction may be right, and is no false positive. The
    default is that of the smallest objects in Cityscapes' instance-level scores. Regions of under
    half of ``min_area`` are dropped at once. They can't match one that counts, at an IoU of 0.5 or
    more, so this changes nothing but the time, and that they are none of the ``most``.
    """

    def __init__(
        self, document: Document, channels: int, *, min_area: int = MIN_AREA, most: int = MOST
    ) -> None:
        self._document = document
        self._channels = channels
        self._min_area = min_area
        self._most = most
        self._photos: dict[int, PhotoRegions] = {}

    def add(self, image: ImageRecord, labels: Labels, confidence: NDArray[np.float32]) -> None:
        """Add the prediction for one photo; the inputs are not changed.

        Parameters
        ----------
        image : of the document.
        labels : (H, W) uint8 class indices; 255 counts as background.
        confidence : (H, W) float32.

        Raises
        ------
        ValueError : the photo isn't in the document or was added before; the prediction is not of
            its size, has a class that is not under ``channels``, or a confidence that is NaN.
        """
        shape = (image.height, image.width)
        if image.id not in self._document.image_by_id:
            raise ValueError(f"image {image.id} is not in {self._document.name}")
        if image.id in self._photos:
            raise ValueError(f"image {image.id} was added before")
        if labels.shape != shape or confidence.shape != shape:
            raise ValueError(f"a photo of {shape}, labels {labels.shape}, {confidence.shape}")
        truth = label_map(self._document, image)
        crowd = crowd_pixels(self._document, image, truth)
        ignored = truth == IGNORE_INDEX
        true = true_regions(truth, crowd, self._channels, self._min_area)
        true += spilled_regions(labels, ignored, self._channels)
        predicted = predicted_regions(
            np.where(ignored, 0, labels), confidence, self._channels, self._min_area, self._most
        )
        self._photos[image.id] = PhotoRegions(shape, true, predicted)

    def result(self) -> Floats:
        """AP of each class, (channels - 1,) float64; see `average_precision`."""
        return average_precision(
            self._photos, self._channels, min_area=self._min_area, most=self._most
        )


def crowd_pixels(document: Document, image: ImageRecord, truth: Labels) -> Bitmap:
    """Where a crowd annotation covers pixels of its class in the label map, (H, W) bool."""
    crowds = [
        annotation
        for annotation in document.annotations_of.get(image.id, [])
        if annotation.iscrowd and annotation.category_id not in document.ignore_ids
    ]
    shapes = [segmentation_shape(annotation, image) for annotation in crowds]
    windows = rasterise(shapes, image.width, image.height)
    covered = np.zeros(truth.shape, dtype=np.bool_)
    for annotation, window in zip(crowds, windows, strict=True):
        of_class = truth[window.slices] == document.class_index[annotation.category_id]
        covered[window.slices] |= of_class & window.bitmap.view(np.bool_)
    return covered


def true_regions(truth: Labels, crowd: Bitmap, channels: int, min_area: int) -> list[TrueRegion]:
    """The 8-connected regions of a (H, W) uint8 label map that have half of ``min_area`` pixels.

    Those with a pixel of ``crowd``, (H, W) bool, are crowds.
    """
    regions = _without_crumbs(connected_regions(truth, channels), min_area)
    return [
        TrueRegion(class_index, area, counts, with_crowd)
        for class_index, area, counts, with_crowd in zip(
            *_described(regions), (regions.sums(crowd) > 0).tolist(), strict=True
        )
    ]


def spilled_regions(labels: Labels, ignored: Bitmap, channels: int) -> list[TrueRegion]:
    """Crowds for predicted regions that lie in ignored pixels by more than half.

    Parameters
    ----------
    labels : the prediction, (H, W) uint8.
    ignored : (H, W) bool.

    Returns
    -------
    At most one for each class: what sticks out of the ignored pixels.
    """
    if not ignored.any():
        return []
    regions = connected_regions(labels, channels)
    spilled = regions.only(2 * regions.sums(ignored) > regions.areas)
    outside = np.where((spilled.numbers > 0) & ~ignored, labels, 0)
    areas = np.bincount(outside.ravel())
    codes = encode_numbers(outside.astype(np.int32), len(areas) - 1)
    return [
        TrueRegion(class_index, int(areas[class_index]), codes[class_index - 1], crowd=True)
        for class_index in (np.flatnonzero(areas[1:]) + 1).tolist()
    ]


def predicted_regions(
    labels: Labels, confidence: NDArray[np.float32], channels: int, min_area: int, most: int
) -> list[PredictedRegion]:
    """The 8-connected regions of a prediction that have half of ``min_area`` pixels.

    Parameters
    ----------
    labels, confidence : (H, W) uint8 and float32.
    most : regions of each class, those of the highest scores.

    Raises
    ------
    ValueError : a class is not under ``channels``, or a confidence is NaN.
    """
    regions = _without_crumbs(connected_regions(labels, channels), min_area)
    scores = regions.sums(confidence) / regions.areas
    if np.isnan(scores).any():
        raise ValueError("a confidence is not a number")
    # By class, then by falling score; of equal scores, the first of the photo.
    order = np.lexsort([-scores, regions.classes])
    ranks = np.arange(len(order)) - np.searchsorted(regions.classes, regions.classes)
    kept = np.zeros(len(order), dtype=np.bool_)
    kept[order[ranks < most]] = True
    best = regions.only(kept)
    return [
        PredictedRegion(class_index, area, counts, score)
        for class_index, area, counts, score in zip(
            *_described(best), scores[kept].tolist(), strict=True
        )
    ]


def _without_crumbs(regions: Regions, min_area: int) -> Regions:
    return regions.only(2 * regions.areas >= min_area)


def _described(regions: Regions) -> tuple[list[int], list[int], list[bytes]]:
    """Class, area and mask of each region."""
    codes = encode_numbers(regions.numbers, len(regions.classes))
    return regions.classes.tolist(), regions.areas.tolist(), codes


def average_precision(
    photos: Mapping[int, PhotoRegions],
    channels: int,
    *,
    min_area: int = MIN_AREA,
    most: int = MOST,
) -> Floats:
    """Average precision of each class, averaged over the IoU thresholds 0.50, 0.55, ... 0.95.

    Parameters
    ----------
    photos : by image id, which decides between equal scores; their order does not.
    channels : number of classes with the background.
    min_area, most : as in `RegionScorer`.

    Returns
    -------
    (channels - 1,) float64 from 0 to 1, for class 1, 2, ...; NaN for a class without a true region
    that counts. A false positive of such a class is no part of any mean.

    References
    ----------
    Lin et al. 2014, "Microsoft COCO: Common Objects in Context"; matching, and precision at 101
    recalls, are those of pycocotools' COCOeval.
    """
    # It imports matplotlib in some versions.
    from pycocotools.cocoeval import COCOeval

    # It reports on stdout, and writes into the records that it is given, so they are made here.
    with redirect_stdout(io.StringIO()):
        evaluation = COCOeval(
            _coco(photos, channels, _true_records(photos)),
            _coco(photos, channels, _predicted_records(photos)),
            "segm",
        )
        evaluation.params.areaRng = [[min_area, np.inf]]
        evaluation.params.areaRngLbl = ["all"]
        evaluation.params.maxDets = [most]
        evaluation.evaluate()
        evaluation.accumulate()
    # Thresholds, recalls, classes; -1 for a class without true regions.
    precision = evaluation.eval["precision"][..., 0, 0]
    ap: Floats = np.where(precision < 0, np.nan, precision).mean(axis=(0, 1))
    return ap


def _true_records(photos: Mapping[int, PhotoRegions]) -> list[dict[str, Any]]:
    return [
        {**_record(image_id, photo, region), "iscrowd": int(region.crowd)}
        for image_id, photo in photos.items()
        for region in photo.true
    ]


def _predicted_records(photos: Mapping[int, PhotoRegions]) -> list[dict[str, Any]]:
    return [
        {**_record(image_id, photo, region), "score": region.score}
        for image_id, photo in photos.items()
        for region in photo.predicted
    ]


def _record(
    image_id: int, photo: PhotoRegions, region: TrueRegion | PredictedRegion
) -> dict[str, Any]:
    return {
        "image_id": image_id,
        "category_id": region.class_index,
        "segmentation": {"size": list(photo.shape), "counts": region.counts},
        "area": region.area,
    }


def _coco(photos: Mapping[int, PhotoRegions], channels: int, records: list[dict[str, Any]]) -> Any:
    """A COCO object of pycocotools."""
    from pycocotools.coco import COCO

    coco = COCO()
    coco.dataset = {
        "images": [
            {"id": image_id, "height": photo.shape[0], "width": photo.shape[1]}
            for image_id, photo in photos.items()
        ],
        "categories": [{"id": index} for index in range(1, channels)],
        # From 1: 0 stands for no match.
        "annotations": [{"id": number, **record} for number, record in enumerate(records, 1)],
    }
    coco.createIndex()
    return coco
