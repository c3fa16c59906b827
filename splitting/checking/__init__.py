"""Overlaps of two COCO files: ``trashdata kfold --check``."""
