"""Labels of photos from any label source, as regions."""
