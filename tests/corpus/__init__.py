"""Bad and odd input, made by code: each case is a small set with one thing done to it."""
