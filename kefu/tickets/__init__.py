"""Requests that people work on: numbered, with a due time, progress and an answer."""
