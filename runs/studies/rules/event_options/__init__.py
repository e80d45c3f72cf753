"""What options around events came to."""
