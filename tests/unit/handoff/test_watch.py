from __future__ import annotations

from kefu.handoff.returning import Watch


def test_what_does_not_move_grows_old_and_what_moves_is_new_again() -> None:
    watch = Watch(longest_gap=60)
    assert watch.look([("wang", 1), ("li", 1)], 0) == {"wang": 0, "li": 0}
    assert watch.look([("wang", 1), ("li", 2)], 30) == {"wang": 30, "li": 0}
    assert watch.look([("wang", 1)], 40) == {"wang": 40}
    assert watch.look([("wang", 1), ("li", 2)], 50) == {"wang": 50, "li": 0}


def test_after_a_gap_everything_begins_anew() -> None:
    watch = Watch(longest_gap=5)
    watch.look([("wang", 1)], 0)
    watch.look([("wang", 1)], 4)
    assert watch.look([("wang", 1)], 40) == {"wang": 0}, "it was this desk that did not look"


def test_what_was_forgotten_begins_anew() -> None:
    watch = Watch()
    watch.look([("wang", 1)], 0)
    watch.forget()
    assert watch.look([("wang", 1)], 1) == {"wang": 0}
