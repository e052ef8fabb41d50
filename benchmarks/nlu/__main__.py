"""``python -m benchmarks.nlu``: compare how messages are understood; see ``compare``.

Runs in any environment and goes on in the engine's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "engine/.venv/bin/python"

if __name__ == "__main__":
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'engine'}"}
    command = [str(PYTHON), "-W", "ignore", "-m", "benchmarks.nlu.compare", *sys.argv[1:]]
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)
