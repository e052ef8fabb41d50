from __future__ import annotations

from email.message import EmailMessage

import pytest

from kefu.mail.errors import LetterUnreadable
from kefu.mail.letter import LONGEST_TEXT, Letter, read_letter

PNG = b"\x89PNG\r\n\x1a\n"


def mail(text: str = "交易一直没到账", **headers: str) -> EmailMessage:
    message = EmailMessage()
    given = {"From": "小李 <Li@example.com>", "Subject": "转账", "Message-ID": "<1@example.com>"}
    for name, value in {**given, **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
        message[name] = value
    message.set_content(text)
    return message


def read(message: EmailMessage) -> Letter:
    return read_letter(message.as_bytes())


def test_what_a_plain_mail_says() -> None:
    letter = read(mail())
    assert (letter.sender.value, letter.name) == ("li@example.com", "小李")
    assert (letter.subject, letter.text) == ("转账", "交易一直没到账")
    assert not letter.automatic


def test_a_mail_without_a_sender_cannot_be_read() -> None:
    message = mail()
    del message["From"]
    with pytest.raises(LetterUnreadable):
        read(message)
    message["From"] = "未知发件人"
    with pytest.raises(LetterUnreadable):
        read(message)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe nonsense",
        b"From: a@b.cn\r\nContent-Type: text/plain; charset=no-such-charset\r\n\r\n\xb2\xbb",
        b"From: a@b.cn\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"From: a@b.cn\r\nSubject: =?utf-8?B?broken\r\n\r\nok",
    ],
)
def test_broken_mails_are_read_or_refused_and_nothing_else(raw: bytes) -> None:
    try:
        letter = read_letter(raw)
    except LetterUnreadable:
        return
    assert letter.sender.value == "a@b.cn"


def test_the_same_mail_has_the_same_key_and_two_without_an_id_differ() -> None:
    assert read(mail()).key == read(mail(X_Received="by another way")).key
    first, second = mail("一"), mail("二")
    for message in (first, second):
        del message["Message-ID"]
    assert read(first).key != read(second).key
    assert read(first).key == read(first).key


@pytest.mark.parametrize(
    "quoted",
    [
        "在 2026年11月20日，客服 <service@example.com> 写道：\n> 您好\n> 已为您处理",
        '------------------ 原始邮件 ------------------\n发件人: "客服" <a@example.com>;\n'
        '发送时间: 2026年11月20日(星期五) 下午3:20\n收件人: "我"<me@qq.com>;\n'
        "主题: Re: 投诉\n\n已处理",
        "On Fri, Nov 20, 2026 at 3:20 PM Kefu <service@example.com> wrote:\n> done",
    ],
)
def test_an_answer_is_read_without_what_it_quotes(quoted: str) -> None:
    assert read(mail(f"还是没收到钱\n\n{quoted}")).text == "还是没收到钱"


def test_a_mail_that_only_quotes_is_kept_whole() -> None:
    assert "已处理" in read(mail("> 已处理\n> 请查收")).text


def test_html_alone_becomes_text() -> None:
    message = mail()
    message.set_content(
        "<style>p{}</style><p>付款<b>失败</b></p><script>x()</script>", subtype="html"
    )
    letter = read(message)
    assert "付款失败" in letter.text
    assert "x()" not in letter.text


def test_a_very_long_text_is_cut() -> None:
    assert len(read(mail("很长的信" * LONGEST_TEXT)).text) <= LONGEST_TEXT


def test_pictures_and_other_files_are_told_apart() -> None:
    message = mail()
    message.add_attachment(PNG, maintype="image", subtype="png", filename="截图.png")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="账单.pdf")
    letter = read(message)
    assert letter.pictures == (PNG,)
    assert letter.files == ("账单.pdf",)


def test_references_come_oldest_first_and_once() -> None:
    letter = read(mail(References="<a@x> <b@x>", In_Reply_To="<b@x>"))
    assert letter.references == ("<a@x>", "<b@x>")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto_Submitted", "auto-replied"),
        ("Precedence", "bulk"),
        ("List_Id", "<news.example.com>"),
        ("Return_Path", "<>"),
        ("From", "MAILER-DAEMON@example.com"),
        ("From", "no-reply@example.com"),
    ],
)
def test_what_no_person_wrote_is_automatic(name: str, value: str) -> None:
    assert read(mail(**{name: value})).automatic


def test_a_mail_that_says_it_is_not_automatic_is_a_persons() -> None:
    assert not read(mail(Auto_Submitted="no")).automatic
