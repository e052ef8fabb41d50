"""What the service was like: figures over a range of days at the shop."""
