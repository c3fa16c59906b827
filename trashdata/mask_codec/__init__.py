"""The mask codec: COCO segmentations to bitmaps and back, label maps to PNGs and back."""
