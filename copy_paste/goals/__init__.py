"""What a set is to hold in the end."""
