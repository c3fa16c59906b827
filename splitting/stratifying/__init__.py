"""The folds: a stratified start, and its refinement by swaps."""
