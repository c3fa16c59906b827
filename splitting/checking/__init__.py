"""What two COCO files share: ``trashdata kfold --check``."""
