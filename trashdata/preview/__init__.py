"""Contact sheets of photos with their labels."""
