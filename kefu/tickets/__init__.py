"""Matters that outlive a conversation."""
