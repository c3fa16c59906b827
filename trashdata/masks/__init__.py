"""The mask codec: COCO segmentations to bitmaps, bitmaps to COCO, label maps and their PNGs."""
