from __future__ import annotations

from actions.registry import ACTIONS
from kefu.handoff.packet import lost, shown_slots, slots_of
from kefu.handoff.tried import TRIED, tried

# They ask, check, agree or hand off: nothing that was tried for the shopper.
LEFT_OUT = {
    "action_handoff",
    "action_affirm",
    "action_inform",
    "action_out_of_scope",
    "action_urge_reply",
    "action_abuse",
}


def test_every_action_that_does_something_has_a_name_that_agents_can_read() -> None:
    names = {each.action_name for each in ACTIONS}
    own = {name for name in names if not name.startswith(("validate_", "action_ask_"))}
    assert own - set(TRIED) == LEFT_OUT
    assert set(TRIED) <= names


def test_what_was_tried_is_told_once_and_in_order() -> None:
    done = ["action_listen", "action_order_status", "utter_greet", "action_invoice"]
    assert tried([*done, "action_order_status"]) == ["查询订单", "处理发票"]


def test_a_slot_is_what_it_was_set_to_last() -> None:
    events = [
        {"event": "slot", "name": "current_order", "value": "TP1"},
        {"event": "user", "text": "x"},
        {"event": "slot", "name": "current_order", "value": "TP2"},
        {"event": "slot", "name": "return_reason", "value": "不喜欢"},
        {"event": "slot", "name": "return_reason", "value": None},
    ]
    assert slots_of({"events": events}) == {"current_order": "TP2"}
    assert slots_of(None) == {}


def test_what_proves_or_names_somebody_stays_out_and_the_rest_is_masked() -> None:
    slots = {
        "guest_proof": "signed",
        "new_phone": "13912345678",
        "ticket_contact": "13912345678",
        "ticket_details": "打我电话 13912345678",
        "ticket_order": "TP20261120000001",
    }
    shown = shown_slots(slots, [r"TP\d{14}"])
    assert set(shown) == {"工单内容", "工单订单"}
    assert "13912345678" not in str(shown)
    assert shown["工单订单"] == "TP20261120000001"


def test_codes_are_told_in_words() -> None:
    slots = {"return_kind": "exchange", "return_reason": "wrong_size", "ticket_kind": "fraud"}
    assert shown_slots({**slots, "order_service": "payment_charged"}, []) == {
        "正在办理": "核对扣款",
        "售后类型": "换货",
        "售后原因": "尺码不合适",
        "工单类型": "举报",
    }


def test_requests_that_nobody_answered_are_told() -> None:
    waiting = [{"text": "还要开发票", "intent": "invoice"}, {"text": ""}]
    assert lost({"waiting_requests": waiting}, []) == ["还要开发票"]
    assert lost({}, []) == []
