"""What every new photo will hold, decided on labels alone."""
