"""A picture in the talk: evidence where something is submitted, a question where nothing is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kefu.shop.gateway import ShopReadOnly
from kefu.turn_token import TicketSummary
from tests.unit.actions.conftest import NOW, Answer, Bot
from tests.unit.actions.form_talk import FORMS, Talk

FIRST, SECOND = "00000000000000aa", "00000000000000bb"


@pytest.fixture
def talk(bot: Bot) -> Talk:
    return Talk(bot)


def picture(talk: Talk, attachment_id: str = FIRST) -> Answer:
    return talk.press_payload(f'/picture_sent{{"attachment_id": "{attachment_id}"}}')


def ticket(answer: Answer) -> dict[str, Any]:
    (command,) = [each for each in answer.commands if each["type"] == "ticket"]
    return command


def test_out_of_the_blue_it_is_kept_and_asked_about(talk: Talk) -> None:
    asked = picture(talk)
    assert "看不了图片" in asked.text
    assert "哪方面" in asked.text
    assert asked.payloads == [
        "/quality_problem",
        "/wrong_or_missing_item",
        "/payment_failure",
        "/human_agent",
    ]
    assert talk.bot.slots["evidence"] == [FIRST]
    assert not asked.commands


def test_the_second_one_is_counted_and_not_explained_again(talk: Talk) -> None:
    picture(talk)
    again = picture(talk, SECOND)
    assert "一共 2 张" in again.text
    assert "看不了图片" not in again.text
    assert "/quality_problem" in again.payloads
    assert talk.bot.slots["evidence"] == [FIRST, SECOND]


def test_the_same_turn_tried_again_counts_it_once(talk: Talk) -> None:
    picture(talk)
    picture(talk)
    assert talk.bot.slots["evidence"] == [FIRST]


def test_of_many_the_newest_nine_are_kept(talk: Talk) -> None:
    sent = [f"{index:016x}" for index in range(11)]
    for each in sent:
        picture(talk, each)
    assert talk.bot.slots["evidence"] == sent[2:]


def test_while_a_ticket_is_offered_the_offer_stands(talk: Talk) -> None:
    talk.says("快递员把包裹扔在门口，还骂人", "complaint")
    kept = picture(talk)
    assert "作为凭证" in kept.text
    assert kept.payloads == ['/open_ticket{"ticket": "complaint"}', "/human_agent"]
    talk.press("提交投诉")
    assert talk.bot.slots["ticket_details"] == "快递员把包裹扔在门口，还骂人"


def test_inside_the_ticket_form_it_is_evidence_and_the_question_is_asked_again(talk: Talk) -> None:
    asked = talk.says("我要投诉，快递员把包裹扔在门口，还骂人", "complaint")
    question = asked.responses[-1]["text"]
    kept = picture(talk)
    assert "会作为凭证一起提交" in kept.text
    assert question in kept.text
    assert talk.bot.form == "ticket_form"
    picture(talk, SECOND)
    shown = talk.press("和订单无关")
    assert "图片：2 张" in shown.text
    done = talk.press("确认提交")
    assert ticket(done)["evidence"] == [FIRST, SECOND]
    assert talk.bot.slots["evidence"] is None
    assert talk.bot.slots["ticket_details"] is None


def test_what_a_ticket_has_taken_is_not_in_the_next_one(talk: Talk) -> None:
    picture(talk)
    for words, expected in (("包裹扔在门口淋湿了", [FIRST]), ("态度特别恶劣", None)):
        talk.says(f"我要投诉，{words}", "complaint")
        talk.press("和订单无关")
        assert ticket(talk.press("确认提交")).get("evidence") == expected


def test_an_open_ticket_can_be_added_to(talk: Talk) -> None:
    known = TicketSummary("TK202611220000000001", "complaint", "open", NOW + timedelta(hours=5))
    talk.bot.tickets = (known,)
    asked = picture(talk)
    assert asked.payloads[0] == f'/open_ticket{{"ticket": "{known.number}"}}'
    talk.press("补充到工单")
    talk.says("外箱也是破的，照片里能看到", "complaint")
    done = talk.press("确认提交")
    assert ticket(done)["supplements"] == known.number
    assert ticket(done)["evidence"] == [FIRST]


def test_a_closed_service_s_ticket_is_no_place_for_it(talk: Talk) -> None:
    due = NOW + timedelta(hours=5)
    talk.bot.tickets = (
        TicketSummary("TK202611220000000001", "complaint", "answered", due),
        TicketSummary("TK202611220000000002", "service", "open", due),
    )
    assert picture(talk).payloads[0] == "/quality_problem"


@pytest.fixture
def claim(as_shopper: Any) -> Talk:
    """A down jacket and face masks, signed for yesterday."""
    return Talk(as_shopper("u0009"))


def begin_claim(talk: Talk) -> None:
    """Up to the confirmation of a return."""
    talk.says("面膜漏了一地", "quality_problem")
    talk.press("退货退款")
    assert talk.bot.slots["requested_slot"] == "return_confirmed"


def test_an_application_s_note_names_the_pictures(claim: Talk) -> None:
    picture(claim)
    begin_claim(claim)
    kept = picture(claim, SECOND)
    assert "会作为凭证一起提交" in kept.text
    assert claim.bot.form == "return_form"
    assert "申请已提交" in claim.press("确认提交").text
    (made,) = claim.bot.services.shop.returns(claim.bot.viewer)
    assert made.note == f"面膜漏了一地（图片凭证 2 张，客服系统编号：{FIRST}、{SECOND}）"
    assert claim.bot.slots["evidence"] is None


def test_where_the_shop_lets_nothing_be_written_the_ticket_has_the_pictures(
    claim: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ShopReadOnly("no writing")

    begin_claim(claim)
    picture(claim)
    monkeypatch.setattr(claim.bot.services.shop, "request_return", refuse)
    assert ticket(claim.press("确认提交"))["evidence"] == [FIRST]
    assert claim.bot.slots["evidence"] is None


@pytest.mark.parametrize(
    ("form", "words", "intent", "account"),
    [
        ("guest_form", "我的订单到哪了", "track_logistics", None),
        ("login_form", "忘记密码了", "password_reset", None),
        ("phone_form", "换绑手机", "account_change", "u0001"),
        ("order_form", "取消订单", "cancel_order", "u0001"),
    ],
)
def test_other_forms_go_on_and_the_picture_is_kept_for_a_person(
    as_shopper: Any, form: str, words: str, intent: str, account: str | None
) -> None:
    talk = Talk(as_shopper(account))
    talk.says(words, intent)
    assert talk.bot.form == form
    asked = talk.bot.slots["requested_slot"]
    assert asked in FORMS[form]["required_slots"]
    kept = picture(talk)
    assert "人工客服可以看到" in kept.text
    assert (talk.bot.form, talk.bot.slots["requested_slot"]) == (form, asked)
    assert len(kept.responses) == 2
    assert talk.bot.slots["evidence"] == [FIRST]


def test_a_message_without_a_picture_s_id_keeps_nothing(talk: Talk) -> None:
    assert "收到" in talk.press_payload("/picture_sent").text
    assert talk.bot.slots.get("evidence") is None
