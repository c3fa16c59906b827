"""Drawing the photos of the sample set; needs numpy and OpenCV."""
