"""Methods to make new photos: Copy-Paste and oversampling."""
