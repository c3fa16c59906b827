"""A page for one photo: the prediction of a model over it, each class's share, downloads."""
