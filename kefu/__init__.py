"""Kefu: a Chinese customer-support chatbot with a human hand-off desk."""
