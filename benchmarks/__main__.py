"""``python -m benchmarks``: compare the engine with stock Rasa."""

from __future__ import annotations

import sys

from benchmarks.engine import compare

if __name__ == "__main__":
    sys.exit(compare.main(sys.argv[1:]))
