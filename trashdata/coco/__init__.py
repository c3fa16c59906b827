"""The COCO document: typed views over its records, reading with checks, writing without loss."""
