from __future__ import annotations

from pathlib import Path

import pytest

from kefu.profiles import ProfileInvalid, ProfileNotFound, load_profiles

GOOD = "profile: brand\nbrand: 店\ngreeting: 您好\n"


def test_the_demo_profile_is_complete() -> None:
    profile = load_profiles(Path("data/profiles"))["demo"]
    assert [entry.title for entry in profile.quick_entries][-1] == "转人工"
    assert profile.identity is not None
    assert profile.hours_for("complaint") == 24
    assert profile.hours_for("whatever") == profile.ticket_hours_otherwise


def test_an_unknown_profile_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "brand.yml").write_text(GOOD)
    profiles = load_profiles(tmp_path)
    assert profiles["brand"].brand == "店"
    with pytest.raises(ProfileNotFound):
        profiles["other"]


@pytest.mark.parametrize(
    "more",
    [
        "colour: red\n",
        "order_number_patterns: ['KF[']\n",
        "identity: {algorithm: none, issuer: x}\n",
        "quick_entries: [{title: 查, intent: '/x'}]\n",
        "answer_threshold: 2\n",
    ],
)
def test_a_mistake_names_the_file(tmp_path: Path, more: str) -> None:
    (tmp_path / "brand.yml").write_text(GOOD + more)
    with pytest.raises(ProfileInvalid, match=r"brand\.yml"):
        load_profiles(tmp_path)


def test_a_profile_is_called_like_its_file(tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text(GOOD)
    with pytest.raises(ProfileInvalid):
        load_profiles(tmp_path)
