"""Merging: several COCO files as one."""
