from __future__ import annotations

import pytest

from kefu.mail.errors import MailboxInvalid
from kefu.mail.mailbox import Place


def test_a_url_names_a_mailbox() -> None:
    place = Place.from_url("imaps://support%40shop.cn:p%2Fw@imap.shop.cn/Support")
    assert (place.host, place.port, place.tls) == ("imap.shop.cn", 993, True)
    assert (place.user, place.password, place.folder) == ("support@shop.cn", "p/w", "Support")
    assert Place.from_url("imap://u:p@h").folder == "INBOX"
    assert Place.from_url("imap://u:p@h").port == 143


@pytest.mark.parametrize("url", ["https://u:p@h", "imaps://h/INBOX", "imaps:", "u:p@h"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(MailboxInvalid):
        Place.from_url(url)


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(Place.from_url("imaps://u:secret@h"))


def test_a_variable_that_is_not_set_is_no_mailbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEFU_X_MAILBOX", raising=False)
    assert Place.from_variable("KEFU_X_MAILBOX") is None
