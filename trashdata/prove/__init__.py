"""Whether a way of making training data helps, class by class."""
