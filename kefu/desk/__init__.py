"""What an agent does."""
