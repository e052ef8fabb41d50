"""The action server: slots and the signed turn in, replies and commands out."""
