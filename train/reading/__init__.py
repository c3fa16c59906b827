"""Reading and checking the training and validation data."""
