"""Keys that trashdata adds to COCO files, all under ``trashdata``, and names used there."""

from __future__ import annotations

# Of an image.
BACKGROUND_IMAGE_ID = "background_image_id"
REPEAT_OF = "repeat_of"
VALID_BOX = "valid_box"
# The photos that it was made of, and that those were made of: `trashdata.provenance.MadeOf`.
MADE_OF = "made_of"
# Of an annotation that was pasted; the JSON is named where it is another file.
DONOR_IMAGE_ID = "donor_image_id"
DONOR_ANNOTATION_ID = "donor_annotation_id"
DONOR_JSON = "donor_json"
# Of a pseudo-label, and of an image that has some.
MODELS = "models"
THRESHOLDS = "thresholds"
# Of ``info``.
MADE_BY = "made_by"
IGNORE_CATEGORY_IDS = "ignore_category_ids"
