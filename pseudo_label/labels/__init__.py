"""Labels of photos, wherever they come from, as regions."""
