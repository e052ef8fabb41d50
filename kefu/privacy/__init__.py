"""What must not be kept or logged."""
