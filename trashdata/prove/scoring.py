"""The score of a trained model: pixel counts of each validation photo, precision of regions."""

from __future__ import annotations

import numpy as np

from trashdata.coco.document import Document
from trashdata.comparison import RegionScorer, Result, counts
from trashdata.inference.confusion import confusion
from trashdata.inference.predictor import Ensemble, evaluated_images, photos_ahead, to_rgb
from trashdata.inference.saved import LoadedModel
from trashdata.masks.labelmap import label_map
from trashdata.paths import DataFolders
from trashdata.photos import ExifRule


def score(
    model: LoadedModel, document: Document, folders: DataFolders, exif: ExifRule = "auto"
) -> Result:
    """Predict every photo once, at its own size.

    Returns
    -------
    Its counts have a row for each channel, the background first.
    """
    ensemble, images = Ensemble([model]), evaluated_images(document)
    scorer = RegionScorer(document, ensemble.channels)
    matrices = []
    for image, photo in photos_ahead(images, folders, exif):
        found = ensemble.predict(to_rgb(photo))
        truth = label_map(document, image)
        matrices.append(confusion(truth, found.labels, ensemble.channels))
        scorer.add(image, found.labels, found.confidence)
    names = tuple(image.file_name for image in images)
    return Result(names, counts(np.stack(matrices)), scorer.result())
