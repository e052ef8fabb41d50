"""Tickets from the wish to the command, with the unhappy ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import Payment
from kefu.shop.sql_gateway import SqlGateway
from kefu.turn_token import TicketSummary
from tests.unit.actions.conftest import NOW, Answer, Bot
from tests.unit.actions.form_talk import Talk

STORY = "快递员把包裹扔在门口，还骂人"


def ticket(answer: Answer) -> dict[str, Any]:
    (command,) = [each for each in answer.commands if each["type"] == "ticket"]
    return command


@pytest.fixture
def talk(bot: Bot) -> Talk:
    return Talk(bot)


@pytest.fixture
def guest(as_shopper: Any) -> Talk:
    return Talk(as_shopper(None))


def open_ticket(kind: str = "complaint", state: str = "in_progress", **more: Any) -> TicketSummary:
    due = NOW + timedelta(hours=5)
    return TicketSummary("TK202611220000000001", kind, state, more.pop("due_at", due), **more)


def test_a_wish_alone_asks_what_happened_then_the_order_then_confirms(talk: Talk) -> None:
    asked = talk.says("我要投诉", "complaint")
    assert "发生了什么" in asked.text
    assert talk.bot.form == "ticket_form"
    order_asked = talk.says(STORY, "complaint")
    number = talk.bot.orders()[1].order_number
    assert number in order_asked.payloads[1]
    shown = talk.press_payload(order_asked.payloads[1])
    assert STORY in shown.text
    assert number in shown.text
    assert "24 小时内" in shown.text
    assert not shown.commands
    done = talk.press("确认提交")
    command = ticket(done)
    assert (command["kind"], command["details"], command["order_number"]) == (
        "complaint",
        STORY,
        number,
    )
    assert command["contact"] is None
    assert "工单进度" in done.text
    assert talk.bot.form is None
    assert talk.bot.slots["ticket_details"] is None


def test_what_only_sounds_like_a_complaint_is_asked_about_first(talk: Talk) -> None:
    asked = talk.says(STORY, "complaint")
    assert asked.payloads == ['/open_ticket{"ticket": "complaint"}', "/human_agent"]
    assert talk.bot.form is None
    assert "哪一笔订单" in talk.press("提交投诉").text
    assert talk.bot.slots["ticket_details"] == STORY


def test_no_to_the_offer_and_giving_up_in_the_form_open_nothing(talk: Talk) -> None:
    talk.says("我要投诉", "complaint")
    left = talk.says("算了", "deny")
    assert "没有提交" in left.text
    assert not left.commands
    assert talk.bot.form is None
    assert not talk.says("好的", "affirm").commands


def test_another_question_is_answered_and_the_form_asks_again(talk: Talk) -> None:
    talk.says("我要投诉", "complaint")
    talk.says(STORY, "complaint")
    answer = talk.says("你们几点上班", "contact_info")
    assert "客服热线" in answer.text
    assert answer.text.endswith("是和哪一笔订单有关呢？不在下面的话，请直接发订单号。")
    assert talk.bot.slots["ticket_details"] == STORY


def test_a_question_before_anything_was_told_is_no_story(talk: Talk) -> None:
    talk.says("我要投诉", "complaint")
    talk.says("你们的客服电话是多少", "contact_info")
    assert talk.bot.slots["ticket_details"] is None
    assert talk.bot.form == "ticket_form"


def test_a_complaint_put_as_a_question_is_a_complaint(talk: Talk) -> None:
    talk.says("我要投诉", "complaint")
    talk.says("客服一直不理人，这就是你们的态度吗", "complaint")
    assert "不理人" in talk.bot.slots["ticket_details"]


def test_not_this_order_and_not_about_an_order(talk: Talk) -> None:
    number = talk.bot.orders()[0].order_number
    talk.says(f"我要投诉{number}的快递员乱扔包裹", "complaint", order_number=number)
    assert talk.bot.slots["ticket_order"] == number
    again = talk.says("不是这个订单", "deny")
    assert "哪一笔订单" in again.text
    assert "订单：" not in talk.says("跟订单没关系", "nlu_fallback").text
    assert ticket(talk.press("确认提交"))["order_number"] is None


def test_an_order_of_somebody_else_is_not_taken(talk: Talk, as_shopper: Any) -> None:
    foreign = as_shopper("u0004").orders()[0].order_number
    talk.says("我要投诉", "complaint")
    talk.says(STORY, "complaint")
    answer = talk.says(foreign, "inform", order_number=foreign)
    assert "没有查到" in answer.text
    assert talk.bot.slots["ticket_order"] is None


def test_nor_is_one_that_the_wish_itself_names(talk: Talk, as_shopper: Any) -> None:
    foreign = as_shopper("u0004").orders()[0].order_number
    asked = talk.says(f"我要投诉{foreign}的快递员乱扔包裹", "complaint", order_number=foreign)
    assert "没有查到" in asked.text
    assert "哪一笔订单" in asked.text
    assert talk.bot.slots["ticket_order"] is None


def test_a_slot_is_corrected_at_the_confirmation(talk: Talk) -> None:
    talk.says("我要投诉", "complaint")
    talk.says(STORY, "complaint")
    talk.press("和订单无关")
    assert "哪里要改" in talk.says("不对", "deny").text
    assert "发生了什么" in talk.press("改内容").text
    shown = talk.says("客服态度恶劣，不给处理", "complaint")
    assert "态度恶劣" in shown.text
    assert STORY not in shown.text
    more = talk.says("他还挂我电话", "complaint")
    assert "挂我电话" in more.text
    assert ticket(talk.says("确认", "affirm"))["details"].endswith("他还挂我电话")


def test_how_long_it_takes_is_answered_in_the_form(talk: Talk) -> None:
    talk.says("我要申诉", "dispute_appeal")
    answer = talk.says("多久能有结果", "nlu_fallback")
    assert answer.text.startswith("提交后会在 72 小时内答复您。")
    assert talk.bot.slots["ticket_details"] is None


def test_a_guest_leaves_a_contact_and_sees_it_masked(guest: Talk) -> None:
    guest.says("我要投诉", "complaint")
    asked = guest.says(STORY, "complaint")
    assert "手机号或邮箱" in asked.text
    assert "不完整" in guest.says("1381234", "inform").text
    shown = guest.says("13812345678", "inform", phone="13812345678")
    assert "138****5678" in shown.text
    corrected = guest.says("不对，是13987654321", "deny", phone="13987654321")
    assert "139****4321" in corrected.text
    assert ticket(guest.press("确认提交"))["contact"] == "13987654321"


def test_story_and_contact_in_one_message(guest: Talk) -> None:
    guest.says("我要投诉", "complaint")
    shown = guest.says(f"{STORY}，我的邮箱 Xiao@Example.com", "complaint")
    assert "确认提交吗" in shown.text
    assert ticket(guest.press("确认提交"))["contact"] == "xiao@example.com"


def test_a_guest_need_not_leave_a_contact(guest: Talk) -> None:
    guest.says("我要投诉", "complaint")
    guest.says(STORY, "complaint")
    assert "确认提交吗" in guest.says("不留了", "deny").text
    assert ticket(guest.press("确认提交"))["contact"] is None


def test_a_suggestion_with_words_needs_only_the_yes(talk: Talk) -> None:
    assert not talk.says("建议多上新款的衣服", "feedback").commands
    done = talk.says("好的", "affirm")
    assert ticket(done)["details"] == "建议多上新款的衣服"
    assert talk.bot.form is None


def test_a_yes_after_something_else_opens_nothing(talk: Talk) -> None:
    talk.says("建议多上新款的衣服", "feedback")
    talk.says("我的订单", "order_status")
    assert not talk.says("好的", "affirm").commands


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("申请平台介入，商家一直不退款", "intervention"),
        ("我要申诉，审核不通过没有道理", "appeal"),
    ],
)
def test_appeal_and_intervention_are_told_apart(talk: Talk, text: str, kind: str) -> None:
    talk.says(text, "dispute_appeal")
    assert talk.bot.slots["ticket_kind"] == kind


def test_a_bare_button_asks_which_of_them(talk: Talk) -> None:
    asked = talk.press_payload("/dispute_appeal")
    assert [each["title"] for each in asked.buttons[:3]] == ["申请平台介入", "提交申诉", "提交投诉"]
    talk.press("申请平台介入")
    assert talk.bot.slots["ticket_kind"] == "intervention"


def test_the_same_again_is_told_its_progress_and_can_be_added_to(talk: Talk) -> None:
    talk.bot.tickets = (open_ticket(),)
    known = talk.says("我要投诉，快递员又乱扔包裹", "complaint")
    assert "TK202611220000000001" in known.text
    assert "不用重复提交" in known.text
    assert not known.commands
    assert talk.bot.form is None
    shown = talk.press("补充说明")
    assert "又乱扔包裹" in shown.text
    assert "补充到工单：TK202611220000000001" in shown.text
    assert "换订单" not in [each["title"] for each in shown.buttons]
    command = ticket(talk.press("确认提交"))
    assert command["supplements"] == "TK202611220000000001"


def test_another_matter_becomes_another_ticket(talk: Talk) -> None:
    talk.bot.tickets = (open_ticket(),)
    talk.says("我要投诉，客服一直骂人", "complaint")
    talk.press("另一件事")
    talk.press("和订单无关")
    assert ticket(talk.press("确认提交"))["supplements"] is None


def test_a_closed_ticket_is_not_added_to_by_an_old_button(talk: Talk) -> None:
    answer = talk.press_payload('/open_ticket{"ticket": "TK202611010000000001"}')
    assert "不能再补充" in answer.text
    assert talk.bot.form is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我的投诉处理得怎么样了", "complaint"),
        ("工单进度", "refund_progress"),
        ("TK202611220000000001", "inform"),
        ("TK202611220000000001处理到哪了", "refund_progress"),
        ("我上次投诉怎么还没人联系我", "nlu_fallback"),
    ],
)
def test_progress_is_told_whatever_it_was_taken_for(talk: Talk, text: str, intent: str) -> None:
    talk.bot.tickets = (open_ticket(order_number="KF20261108004217"),)
    if intent == "nlu_fallback":
        answer = talk.bot.hears(text, intent).runs("action_clarify")
    else:
        answer = talk.says(text, intent)
    assert (
        "投诉 TK202611220000000001（订单 KF20261108004217）：处理中，最晚今天16:00答复您"
        in answer.text
    )
    assert not answer.commands
    assert answer.followup is None


def test_a_guest_is_told_of_the_talks_ticket_without_proving_an_order(guest: Talk) -> None:
    guest.bot.tickets = (open_ticket(),)
    assert "处理中" in guest.says("工单进度", "refund_progress").text


def test_unknown_numbers_and_no_tickets_are_told_alike(talk: Talk) -> None:
    assert "没有查到这个工单号" in talk.says("TK202611229999999999", "inform").text
    assert "没有查到您名下" in talk.says("工单进度", "refund_progress").text
    assert "没有查到您名下" in talk.press_payload("/ticket_progress").text


def test_late_and_answered_tickets_are_told_as_they_are(talk: Talk) -> None:
    talk.bot.tickets = (open_ticket(due_at=NOW - timedelta(hours=1)),)
    late = talk.says("工单进度", "refund_progress")
    assert "超过了答复时间" in late.text
    talk.bot.tickets = (open_ticket(state="answered"),)
    answered = talk.says("工单进度", "refund_progress")
    assert "已答复" in answered.text
    assert "对结果申诉" in [each["title"] for each in answered.buttons]


def test_trouble_with_the_app_is_reported_to_the_technical_team(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0001", profile="tpwallet"))
    offered = talk.says("app一打开就闪退", "payment_failure")
    assert "/open_ticket" in offered.payloads[0]
    shown = talk.says("好的", "affirm")
    command = ticket(shown)
    assert (command["kind"], command["details"]) == ("technical", "app一打开就闪退")
    assert "报错文字、出错时间" in shown.text


def test_a_payment_that_fails_is_no_technical_matter(talk: Talk) -> None:
    talk.says("付款页面打不开，一直报错", "payment_failure")
    assert talk.bot.slots.get("pending_ticket") is None


def test_the_press_on_an_older_confirmation_counts_for_nothing(talk: Talk) -> None:
    talk.says("我要投诉", "complaint")
    assert not talk.press_payload('/affirm{"ticket": "complaint"}').commands
    talk.says(STORY, "complaint")
    assert not talk.press_payload('/affirm{"ticket": "feedback"}').commands
    assert talk.bot.form == "ticket_form"


def test_a_button_of_another_service_takes_no_order_into_the_ticket(talk: Talk) -> None:
    talk.says("我要投诉", "complaint")
    talk.says(STORY, "complaint")
    number = talk.bot.orders()[0].order_number
    talk.press_payload(f'/order_status{{"order_number": "{number}"}}')
    assert talk.bot.slots["ticket_order"] is None
    assert talk.bot.form == "ticket_form"


def test_a_return_that_was_begun_is_left_for_the_ticket(talk: Talk) -> None:
    talk.bot.form, talk.bot.slots["requested_slot"] = "return_form", "return_order"
    answer = talk.press_payload('/open_ticket{"ticket": "complaint"}')
    assert "发生了什么" in answer.text
    assert talk.bot.form == "ticket_form"


def test_with_the_shop_away_nothing_is_submitted(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.says("我要投诉", "complaint")
    talk.says(STORY, "complaint")

    def away(*_: object, **__: object) -> None:
        raise ShopUnavailable("down")

    monkeypatch.setattr(SqlGateway, "order", away)
    answer = talk.says("KF20261108004217", "inform", order_number="KF20261108004217")
    assert "没有提交任何内容" in answer.text
    assert talk.bot.form is None


def test_no_orders_at_all_asks_for_none(as_shopper: Any) -> None:
    empty = next(
        bot
        for bot in (as_shopper(f"u{number:04d}") for number in range(1, 200))
        if not bot.orders() and bot.services.shop.account(bot.viewer)
    )
    talk = Talk(empty)
    talk.says("我要投诉", "complaint")
    asked = talk.says("客服态度恶劣，不给处理", "complaint")
    assert [each["title"] for each in asked.buttons] == ["和订单无关", "不登记了"]


def test_a_failure_without_explanation_can_be_reported_with_its_order(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (failed, *_) = bot.services.shop.failed_payments(bot.viewer)
    unexplained = replace(failed, failure_code="E_9999")

    def failures(*_: object, **__: object) -> tuple[Payment, ...]:
        return (unexplained,)

    monkeypatch.setattr(SqlGateway, "failed_payments", failures)
    talk = Talk(bot)
    told = talk.says("付款失败", "payment_failure")
    asked = talk.press("提交技术问题")
    assert "当时在做什么" in asked.text
    talk.says("点付款后一直转圈，昨晚八点", "payment_failure")
    command = ticket(talk.press("确认提交"))
    assert (command["kind"], command["order_number"]) == ("technical", failed.order_number)
    assert "没有返回明确的原因" in told.text


@pytest.mark.parametrize(
    "text", ["算了不投诉了", "不投诉了", "那就不登记了吧", "算了，不举报了", "还是不申诉了"]
)
def test_who_gives_up_in_so_many_words_is_not_written_down(talk: Talk, text: str) -> None:
    talk.says("我要投诉", "complaint")
    answer = talk.says(text, "complaint")
    assert "没有提交" in answer.text
    assert talk.bot.form is None


@pytest.mark.parametrize(
    "text", ["他电话是17012345678", "骗子打来的号码是17012345678", "对方邮箱 scam@example.com"]
)
def test_the_number_of_somebody_else_belongs_to_the_story(guest: Talk, text: str) -> None:
    guest.says("我要举报有人冒充客服让我转账", "fraud_report")
    guest.press("登记举报")
    asked = guest.says(text, "inform")
    assert "记下来了" in asked.text
    assert "手机号或邮箱" in asked.text
    assert text in guest.bot.slots["ticket_details"]
    shown = guest.says("我的手机 13800138000", "inform")
    assert "138****8000" in shown.text
    assert "170****5678" not in shown.text


def test_more_of_the_story_is_kept_whatever_was_asked(talk: Talk) -> None:
    talk.says("我要投诉", "complaint")
    talk.says(STORY, "complaint")
    asked = talk.says("商家说我穿过了 我没有 吊牌都在", "nlu_fallback")
    assert "记下来了" in asked.text
    assert "哪一笔订单" in asked.text
    assert "吊牌都在" in talk.bot.slots["ticket_details"]
    talk.press("和订单无关")
    assert "钱也没退" in talk.says("到现在钱也没退", "out_of_scope").text


def test_a_guest_who_tells_of_the_goods_is_not_sent_to_prove_an_order(guest: Talk) -> None:
    guest.says("你们卖假货 我要投诉", "complaint")
    asked = guest.says("买的口红是假的 色号都对不上", "quality_problem")
    assert "手机号或邮箱" in asked.text
    assert guest.bot.form == "ticket_form"
    assert "色号都对不上" in guest.bot.slots["ticket_details"]


def test_this_one_chooses_the_only_order(as_shopper: Any) -> None:
    bot = as_shopper("u0004")
    (order,) = bot.orders()
    talk = Talk(bot)
    talk.says("我要投诉", "complaint")
    talk.says(STORY, "complaint")
    talk.says("是这单", "affirm")
    assert bot.slots["ticket_order"] == order.order_number
