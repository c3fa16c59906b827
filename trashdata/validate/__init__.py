"""Looking for every fault in a COCO set, and repairing a copy."""
