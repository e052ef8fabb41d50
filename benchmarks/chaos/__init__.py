"""Hundreds of kills and cuts under load, and what must hold after each of them."""
