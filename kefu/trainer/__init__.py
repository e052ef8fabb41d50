"""What trainers do: see what a change brings before shoppers feel it."""
