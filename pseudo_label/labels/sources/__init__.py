"""Label sources, one file each."""
