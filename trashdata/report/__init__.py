"""One HTML file that shows a set: its statistics, its folds, its photos with their masks, a run."""
