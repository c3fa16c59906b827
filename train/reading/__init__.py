"""Reading and checking what is trained and validated on."""
