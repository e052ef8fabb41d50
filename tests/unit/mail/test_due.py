from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from kefu.mail.errors import MailboxInvalid
from kefu.mail.reader import mailboxes
from kefu.mail.receiving import due_at
from kefu.profiles import load_profiles
from kefu.profiles.hours import SHOP_TIME
from kefu.profiles.public_holidays import working_day_after

PROFILES = Path(__file__).parents[3] / "data/profiles"


def test_the_wallet_answers_within_three_working_days() -> None:
    profile = load_profiles(PROFILES)["tpwallet"]
    assert profile.mailbox
    friday = datetime(2026, 11, 20, 15, tzinfo=SHOP_TIME)
    assert due_at(profile, profile.mailbox, friday) == datetime(2026, 11, 25, 18, tzinfo=SHOP_TIME)
    before_the_holidays = datetime(2026, 9, 30, 9, tzinfo=SHOP_TIME)
    # 10 October is a Saturday that is worked for the break.
    due = datetime(2026, 10, 10, 18, tzinfo=SHOP_TIME)
    assert due_at(profile, profile.mailbox, before_the_holidays) == due
    hours = profile.mailbox.model_copy(update={"answer_days": None})
    assert due_at(profile, hours, friday) == friday + timedelta(hours=72)


def test_working_days_are_counted_over_weekends() -> None:
    assert working_day_after(date(2026, 11, 20), 1) == date(2026, 11, 23)


def test_a_wrong_address_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_TPWALLET_MAILBOX", "https://example.com")
    with pytest.raises(MailboxInvalid, match="KEFU_TPWALLET_MAILBOX"):
        mailboxes(load_profiles(PROFILES))
