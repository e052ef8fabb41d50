"""A folder of profiles for a test."""

from __future__ import annotations

from pathlib import Path

from kefu.profiles import Profile, load_profiles

GOOD = "profile: brand\nbrand: 店\ngreeting: 您好\n"
# Lines of what is added behind GOOD count from here.
FIRST = 4


def folder(tmp_path: Path, **files: str) -> Path:
    """``data/profiles`` with these files, named without their ending."""
    made = tmp_path / "data" / "profiles"
    made.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (made / f"{name}.yml").write_text(text, encoding="utf-8")
    return made


def profile(tmp_path: Path, more: str = "") -> Profile:
    """The profile in a file that says ``more`` than is needed."""
    return load_profiles(folder(tmp_path, brand=GOOD + more))["brand"]
