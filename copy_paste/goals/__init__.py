"""Goals: how much of each class the resulting set should hold."""
