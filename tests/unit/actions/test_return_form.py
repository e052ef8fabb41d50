"""The return form's parts, called as Rasa's form calls them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from actions.return_draft import EMPTY_SLOTS
from actions.return_reasons import reason_in
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import Order, OrderState, ReturnReason, TurnRef
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk

VALIDATE = "validate_return_form"


def start(bot: Bot, text: str = "我要退货", **entities: str) -> Any:
    bot.hears(text, "return_request", (), **entities).runs("action_return_request")
    bot.form = "return_form"
    return bot.runs(VALIDATE)


def asks(bot: Bot, slot: str) -> Any:
    bot.slots["requested_slot"] = slot
    return bot.runs(f"action_ask_return_form_{slot}")


def press(bot: Bot, payload: str) -> Any:
    intent, _, data = payload.removeprefix("/").partition("{")
    entities: dict[str, str] = json.loads("{" + data) if data else {}
    return bot.hears("", intent, (), **entities).runs(VALIDATE)


def returnable(bot: Bot) -> Order:
    (order,) = bot.orders(OrderState.SIGNED)
    return order


@pytest.fixture
def nine(as_shopper: Any) -> Bot:
    """One order with two returnable items, signed for yesterday."""
    return as_shopper("u0009")


def filled(bot: Bot) -> Order:
    order = returnable(bot)
    start(bot)
    item = order.items[0]
    bot.slots["return_item"] = item.item_id
    bot.slots["return_reason"] = "no_reason"
    bot.slots["requested_slot"] = "return_confirmed"
    return order


def test_from_the_wish_to_the_rma_by_buttons_alone(nine: Bot) -> None:
    order = returnable(nine)
    assert start(nine).slots["return_order"] == order.order_number
    item_button = asks(nine, "return_item").payloads[1]
    assert press(nine, item_button).slots["return_item"] == order.items[1].item_id
    reasons = asks(nine, "return_reason")
    assert reasons.payloads[-1] == "/deny"
    press(nine, reasons.payloads[0])
    question = asks(nine, "return_confirmed")
    assert order.items[1].name in question.text
    assert "¥" in question.text
    assert press(nine, question.payloads[0]).slots["return_confirmed"] == "yes"
    done = nine.runs("action_return_done")
    (card,) = done.cards
    (opened,) = nine.services.shop.returns(nine.viewer)
    assert card["rma_number"] == opened.rma_number
    assert opened.rma_number in done.text
    assert opened.item_id == order.items[1].item_id
    assert nine.slots.items() >= EMPTY_SLOTS.items()


def test_the_same_turn_again_gives_the_same_rma(nine: Bot) -> None:
    filled(nine)
    nine.hears("确认", "affirm").runs(VALIDATE)
    slots, events = dict(nine.slots), list(nine.events)
    first = nine.runs("action_return_done")
    nine.slots, nine.events = slots, events
    assert nine.runs(VALIDATE).slots["return_confirmed"] == "yes"
    again = nine.runs("action_return_done")
    assert again.cards == first.cards
    assert len(nine.services.shop.returns(nine.viewer)) == 1


def test_another_turn_cannot_open_a_second_return_for_the_item(nine: Bot) -> None:
    filled(nine)
    nine.hears("确认", "affirm").runs(VALIDATE)
    slots = dict(nine.slots)
    nine.runs("action_return_done")
    nine.slots, nine.turn_id = slots, "turn-2"
    refused = nine.runs("action_return_done")
    assert "已经有一个进行中的退货申请" in refused.text
    assert len(nine.services.shop.returns(nine.viewer)) == 1


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("算了", "nlu_fallback"),
        ("不退了吧", "return_request"),
        ("不要", "deny"),
        ("取消申请", "cancel_order"),
        ("算了不退了", "nlu_fallback"),
        ("先不退了", "nlu_fallback"),
        ("不退了", "refund_progress"),
    ],
)
def test_a_change_of_mind_ends_it_politely_and_opens_nothing(
    nine: Bot, text: str, intent: str
) -> None:
    filled(nine)
    answer = nine.hears(text, intent).runs(VALIDATE)
    assert "不退" in answer.text
    assert answer.slots["requested_slot"] is None
    assert nine.runs("action_return_done").responses == []
    assert not nine.services.shop.returns(nine.viewer)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("运费谁出", "return_shipping"),
        ("转人工", "human_agent"),
        ("我的快递到哪了", "track_logistics"),
    ],
)
@pytest.mark.parametrize("asked", ["return_item", "return_reason", "return_confirmed"])
def test_a_question_in_between_is_left_to_its_own_answer(
    nine: Bot, text: str, intent: str, asked: str
) -> None:
    filled(nine)
    if asked == "return_reason":
        nine.slots["return_reason"] = None
    nine.slots["requested_slot"] = asked
    answer = nine.hears(text, intent).runs(VALIDATE)
    assert (answer.events, answer.responses) == ([], [])


def test_back_from_a_question_the_form_reads_nothing_twice(nine: Bot) -> None:
    filled(nine)
    nine.hears("好的", "affirm")
    nine.events.append({"event": "action_execution_rejected", "name": "return_form"})
    answer = nine.runs(VALIDATE)
    assert (answer.events, answer.responses) == ([], [])


def test_a_button_about_another_order_is_no_answer_to_the_form(bot: Bot) -> None:
    bot.form, bot.slots["requested_slot"] = "return_form", "return_order"
    number = bot.orders(OrderState.SHIPPED)[0].order_number
    answer = bot.hears(intent="track_logistics", order_number=number).runs(VALIDATE)
    assert (answer.events, answer.responses) == ([], [])


def test_a_typed_order_number_switches_the_order(nine: Bot) -> None:
    order = returnable(nine)
    filled(nine)
    nine.slots.update(return_order="KF20200101000000", return_item="x", return_reason=None)
    nine.slots["requested_slot"] = "return_reason"
    answer = nine.hears(f"{order.order_number.lower()}", "order_status").runs(VALIDATE)
    assert answer.slots["return_order"] == order.order_number
    assert answer.slots["return_item"] is None


def test_an_old_confirm_button_does_not_confirm_another_item(nine: Bot) -> None:
    order = filled(nine)
    answer = nine.hears(intent="affirm", item_id=order.items[1].item_id).runs(VALIDATE)
    assert answer.slots["return_confirmed"] is None
    assert not nine.services.shop.returns(nine.viewer)


def test_the_reason_may_be_told_in_own_words(nine: Bot) -> None:
    filled(nine)
    nine.slots["return_reason"] = None
    nine.slots["requested_slot"] = "return_reason"
    answer = nine.hears("家里人嫌丑，不让穿", "nlu_fallback").runs(VALIDATE)
    assert answer.slots["return_reason"] == "other"
    assert "嫌丑，不让穿" in answer.slots["return_note"]
    assert "嫌丑，不让穿" in asks(nine, "return_confirmed").text


@pytest.mark.parametrize("text", ["羽绒服那件", "轻薄羽绒服", "第一个", "1"])
def test_the_item_may_be_told_in_own_words(nine: Bot, text: str) -> None:
    order = filled(nine)
    nine.slots.update(return_item=None, return_reason=None, requested_slot="return_item")
    answer = nine.hears(text, "nlu_fallback").runs(VALIDATE)
    assert answer.slots["return_item"] == order.items[0].item_id


def test_a_reason_told_before_the_item_is_acknowledged_and_asked_for_later(nine: Bot) -> None:
    filled(nine)
    nine.slots.update(return_item=None, return_reason=None, requested_slot="return_item")
    answer = nine.hears("颜色跟图片不一样", "nlu_fallback").runs(VALIDATE)
    assert answer.slots["return_reason"] is None
    assert answer.slots["return_item"] is None
    question = asks(nine, "return_item")
    assert "与描述不符" in question.text
    assert "哪一件" in question.text
    assert "明白" not in asks(nine, "return_item").text


def test_a_question_about_one_item_gives_no_reason_for_another(as_shopper: Any) -> None:
    bot = as_shopper("u0012")
    start(bot, "生鲜坏了能退吗")
    assert bot.slots["return_reason"] is None
    bot.slots["requested_slot"] = "return_item"
    answer = bot.hears("退定制的那个", "nlu_fallback").runs(VALIDATE)
    item = next(each for each in returnable(bot).items if each.item_id == bot.slots["return_item"])
    assert item.category == "customised"
    assert answer.slots["return_reason"] is None


def test_a_reason_out_of_words_can_be_changed_at_the_confirmation(nine: Bot) -> None:
    filled(nine)
    nine.slots["return_reason"] = None
    nine.slots["requested_slot"] = "return_reason"
    nine.hears("穿不下，太小", "inform").runs(VALIDATE)
    question = asks(nine, "return_confirmed")
    assert "尺码不合适" in question.text
    (other,) = (each["payload"] for each in question.buttons if "原因" in each["title"])
    assert press(nine, other).slots["return_reason"] is None
    assert "什么原因" in asks(nine, "return_reason").text


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("运费谁出", "nlu_fallback", "运费需要您承担"),
        ("照片发哪里", "inform", "售后页"),
        ("确认一下多少钱", "order_status", "预计退款¥"),
        ("确认一下退多少", "affirm", "预计退款¥"),
    ],
)
def test_a_question_about_the_return_is_answered_and_the_form_asks_again(
    nine: Bot, text: str, intent: str, answer: str
) -> None:
    filled(nine)
    slots = nine.hears(text, intent).runs(VALIDATE).slots
    assert "return_confirmed" not in slots
    question = asks(nine, "return_confirmed")
    assert len(question.responses) == 1
    assert answer in question.text
    assert "确认提交退货申请吗" in question.text


def test_the_question_is_asked_again_twice_before_a_person_is_called(nine: Bot) -> None:
    filled(nine)
    for _ in range(2):
        answer = nine.hears("阿巴阿巴", "nlu_fallback").runs(VALIDATE)
        assert not answer.commands
        question = asks(nine, "return_confirmed")
        assert question.text.startswith("抱歉")
        assert "确认提交退货申请吗" in question.text
        assert "/human_agent" in question.payloads
    (command,) = nine.hears("阿巴阿巴", "nlu_fallback").runs(VALIDATE).commands
    assert command["reason"] == "low_confidence"
    assert nine.runs("action_return_done").responses == []


def test_a_thumb_up_is_no_confirmation_and_no_misunderstanding(nine: Bot) -> None:
    filled(nine)
    for _ in range(4):
        answer = nine.hears("👍", "nlu_fallback").runs(VALIDATE)
        assert not answer.commands
        assert answer.slots.get("return_confirmed") is None
        assert not asks(nine, "return_confirmed").text.startswith("抱歉")


@pytest.mark.parametrize("intent", ["complaint", "abuse", "nlu_fallback"])
def test_angry_words_may_be_the_reason(nine: Bot, intent: str) -> None:
    filled(nine)
    nine.slots.update(return_reason=None, requested_slot="return_reason")
    answer = nine.hears("声音太吵，室友投诉", intent).runs(VALIDATE)
    assert answer.slots["return_reason"] == "other"
    nine.slots.update(return_reason=None, requested_slot="return_reason")
    demand = nine.hears("什么态度，我要投诉你们", "complaint").runs(VALIDATE)
    assert demand.slots == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("尺码偏小", ReturnReason.WRONG_SIZE),
        ("杯子碎了", ReturnReason.DAMAGED),
        ("颜色和图片不一样", ReturnReason.NOT_AS_DESCRIBED),
        ("你们发错货了", ReturnReason.WRONG_ITEM),
        ("少了一个配件", ReturnReason.MISSING_PARTS),
        ("就是不喜欢", ReturnReason.NO_REASON),
        ("其他", ReturnReason.OTHER),
        ("今天天气不错", None),
    ],
)
def test_reasons_in_shoppers_words(text: str, reason: ReturnReason | None) -> None:
    assert reason_in(text) is reason


def test_what_is_too_late_is_refused_with_the_rule(as_shopper: Any) -> None:
    bot = as_shopper("u0010")
    number = bot.orders()[0].order_number
    answer = start(bot, f"退{number}", order_number=number)
    assert "超过7天" in answer.text
    assert answer.slots["requested_slot"] is None
    assert bot.runs("action_return_done").responses == []


def test_with_nothing_to_return_the_way_on_is_shown(as_shopper: Any) -> None:
    answer = start(as_shopper("u0002"))
    assert "没有可以申请退货的商品" in answer.text
    assert "/human_agent" in answer.payloads


def test_goods_without_return_at_will_ask_for_another_reason(as_shopper: Any) -> None:
    bot = as_shopper("u0012")
    order = returnable(bot)
    start(bot)
    fresh = next(item for item in order.items if item.category == "fresh_food")
    bot.slots["return_item"] = fresh.item_id
    question = asks(bot, "return_reason")
    assert "不能无理由退货" in question.text
    assert not any("no_reason" in payload for payload in question.payloads)
    refused = bot.hears("不想要", "inform").runs(VALIDATE)
    assert refused.slots["return_reason"] is None
    accepted = bot.hears("有几个烂的坏的", "quality_problem").runs(VALIDATE)
    assert accepted.slots["return_reason"] == "damaged"


def test_someone_elses_order_is_as_unknown_as_none(nine: Bot, as_shopper: Any) -> None:
    foreign = as_shopper("u0012").orders()[0].order_number
    theirs = start(nine, foreign, order_number=foreign)
    nine.form = None
    none = start(nine, "KF20200101000000", order_number="KF20200101000000")
    assert theirs.responses == none.responses
    assert theirs.slots["return_order"] is None


def test_a_shop_that_fails_while_submitting_apologises(
    nine: Bot, shop: SqlGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(nine)
    nine.hears("确认", "affirm").runs(VALIDATE)

    def down(*_: object, **__: object) -> None:
        raise ShopUnavailable("gone")

    monkeypatch.setattr(shop, "request_return", down)
    answer = nine.runs("action_return_done")
    assert "抱歉" in answer.text
    assert "/human_agent" in answer.payloads


def test_the_only_order_received_is_refused_with_its_own_reason(as_shopper: Any) -> None:
    answer = start(as_shopper("u0010"))
    assert "超过7天" in answer.text
    assert answer.slots["requested_slot"] is None


def test_with_all_items_in_returns_each_is_told(nine: Bot) -> None:
    order = returnable(nine)
    for number, item in enumerate(order.items):
        nine.services.shop.request_return(
            nine.viewer,
            TurnRef(f"before-{number}", nine.now),
            order_number=order.order_number,
            item_id=item.item_id,
            reason=ReturnReason.DAMAGED,
            note="",
        )
    answer = start(nine)
    for opened in nine.services.shop.returns(nine.viewer):
        assert opened.rma_number in answer.text
    assert not any(payload.startswith("/return_request") for payload in answer.payloads)
    card = nine.hears(order.order_number, "order_status").runs("action_order_status").cards[0]
    titles = [each["title"] for each in card["buttons"]]
    assert "申请退货" not in titles
    assert "退款进度" in titles


def test_item_and_reason_may_both_stand_in_the_wish(nine: Bot) -> None:
    order = returnable(nine)
    start(nine, "我要退货，羽绒服太小了")
    assert nine.slots["return_item"] == order.items[0].item_id
    assert nine.slots["return_reason"] == "wrong_size"


def test_an_item_may_be_told_by_its_kind(as_shopper: Any) -> None:
    bot = as_shopper("u0012")
    start(bot)
    bot.slots["requested_slot"] = "return_item"
    bot.hears("退生鲜那个", "nlu_fallback").runs(VALIDATE)
    item = next(each for each in returnable(bot).items if each.item_id == bot.slots["return_item"])
    assert item.category == "fresh_food"


def test_a_reason_picked_by_its_place_leaves_no_note(nine: Bot) -> None:
    filled(nine)
    nine.slots.update(return_reason=None, requested_slot="return_reason")
    answer = nine.hears("第一个", "inform").runs(VALIDATE)
    assert answer.slots["return_reason"] == "no_reason"
    assert answer.slots["return_note"] == ""


def test_the_reason_is_corrected_at_the_confirmation(nine: Bot) -> None:
    filled(nine)
    answer = nine.hears("是尺码太大了", "inform").runs(VALIDATE)
    assert answer.slots["return_reason"] == "wrong_size"
    assert answer.slots["return_confirmed"] is None


def test_why_goods_cannot_be_returned_at_will_is_kept_in_mind(as_shopper: Any) -> None:
    bot = as_shopper("u0012")
    start(bot)
    fresh = next(item for item in returnable(bot).items if item.category == "fresh_food")
    bot.slots["return_item"] = fresh.item_id
    asks(bot, "return_reason")
    assert bot.slots["last_verdict"]["code"] == "category_excluded"


def test_with_forty_orders_more_are_shown_page_by_page(as_shopper: Any) -> None:
    bot = as_shopper("u0020")
    bot.now -= timedelta(days=200)
    start(bot)
    shown: list[str] = []
    while True:
        payloads = asks(bot, "return_order").payloads
        shown += [each for each in payloads if "order_number" in each]
        more = [each for each in payloads if "page" in each]
        if not more:
            break
        press(bot, more[0])
    assert len(shown) == len(set(shown)) > 10


def test_an_order_that_is_not_meant_is_asked_for_again(as_shopper: Any) -> None:
    bot = as_shopper("u0020")
    start(bot)
    bot.slots["requested_slot"] = "return_order"
    bot.hears("不是这个订单", "order_status").runs(VALIDATE)
    assert "直接发订单号" in asks(bot, "return_order").text


def test_this_one_that_is_still_on_its_way_is_told_so(bot: Bot) -> None:
    talk = Talk(bot)
    number = bot.orders(OrderState.SHIPPED)[0].order_number
    talk.says(f"{number} 到哪了", "track_logistics", order_number=number)
    answer = talk.says("这个能退不", "return_request")
    assert "还没有签收" in answer.text
    assert bot.form is None
