"""Planning of new photos on labels alone."""
