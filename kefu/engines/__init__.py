"""The engines of this host: one process for each model in use, and the way to them."""
