"""What a hedge did for its money."""
