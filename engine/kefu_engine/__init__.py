"""Kefu's turn engine: Rasa Open Source 3.6 as a function of tracker and message.

Importing the package makes Rasa importable without TensorFlow, so it comes before any ``rasa``.
"""

from kefu_engine import without_tensorflow

RASA_VERSION = "3.6.21"

without_tensorflow.install()
