"""What is stored of a text that somebody wrote."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.conversation.errors import MessageRefused
from kefu.conversation.messages import LONGEST_TEXT, clean, tidy


@pytest.mark.parametrize(
    "unwritable",
    [
        "\0\x08\x0b\x0c\x0e\x1f\x7f",
        "\x80\x85\x9f",
        "\u202a\u202b\u202c\u202d\u202e",
        "\u2066\u2067\u2068\u2069",
        "\ud800\udfff",
        "\ufdd0\ufdef\ufffe\uffff",
        "\U0001fffe\U0001ffff\U0010fffe\U0010ffff",
    ],
)
def test_what_nobody_can_read_is_left_out(unwritable: str) -> None:
    for character in unwritable:
        assert tidy(f"退{character}款") == "退款"
    with pytest.raises(MessageRefused):
        clean(unwritable)


def test_every_character_that_unicode_says_is_none_is_left_out() -> None:
    none = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    ]
    assert len(none) == 66
    assert tidy("".join(none)) == ""


@pytest.mark.parametrize(
    "kept",
    [
        "👩‍👩‍👧‍👦",
        "❤️",
        "👍🏽",
        "🇨🇳",
        "🏴\U000e0067\U000e0062\U000e007f",
        "葛\U000e0100",
        "a\tb\nc",
        "می\u200cخواهم",
        "𠮷",
    ],
)
def test_emoji_and_rare_characters_stay_whole(kept: str) -> None:
    assert tidy(kept) == kept


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("cafe\u0301", "café"),
        ("か\u3099", "が"),
        ("\u1112\u1161\u11ab", "한"),
        ("e\x80\u0301", "é"),
    ],
)
def test_what_looks_the_same_is_stored_the_same(written: str, stored: str) -> None:
    assert tidy(written) == stored
    # Also where a long text is composed piece by piece.
    for before in range(490, 510):
        assert tidy("长" * before + written) == "长" * before + stored
    assert clean(written * (LONGEST_TEXT // len(stored))) == stored * (LONGEST_TEXT // len(stored))


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=80))
def test_the_rest_stays_but_for_its_composition(text: str) -> None:
    turning = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
    plain = "".join(character for character in text if character not in turning)
    assert tidy(text) == unicodedata.normalize("NFC", plain).strip()
    assert tidy(tidy(text)) == tidy(text)


def test_letters_under_a_heap_of_marks_are_composed_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    composed: list[int] = []
    as_usual = unicodedata.normalize

    def normalize(form: str, text: str) -> str:
        composed.append(len(text))
        return as_usual(form, text)

    monkeypatch.setattr(unicodedata, "normalize", normalize)
    heap = "a" + "\u0300\u0316" * 10_000
    assert len(tidy(heap)) == len(heap) - 1
    assert max(composed) <= 600
