"""Models: building, saving, loading, running and scoring them.

torch and segmentation-models-pytorch are imported inside functions, so that importing a module
of this package costs little.
"""
