"""Actions for the engine's tests, run by a real rasa-sdk action server."""

import time
from datetime import UTC, datetime

from rasa_sdk import Action, FormValidationAction
from rasa_sdk.events import FollowupAction, ReminderScheduled, SlotSet
from rasa_sdk.forms import ValidationAction
from rasa_sdk.interfaces import ActionExecutionRejection


class OrderStatus(Action):
    def name(self):
        return "action_order_status"

    def run(self, dispatcher, tracker, domain):
        number = tracker.get_slot("order_number")
        dispatcher.utter_message(
            text=f"订单{number}已发货" if number else "您有一个订单",
            buttons=[{"title": "退货", "payload": "/return_request"}],
            json_message={"cards": [{"type": "order", "order_number": number}]},
        )
        return []


class SubmitReturn(Action):
    def name(self):
        return "action_submit_return"

    def run(self, dispatcher, tracker, domain):
        slots = [tracker.get_slot(name) for name in ("order_number", "reason", "confirmed")]
        dispatcher.utter_message(text=f"已提交{slots}")
        return [SlotSet(name, None) for name in ("order_number", "reason", "confirmed")]


class Why(Action):
    def name(self):
        return "action_why"

    def run(self, dispatcher, tracker, domain):
        verdict = tracker.get_slot("last_verdict")
        dispatcher.utter_message(text=f"因为{verdict['code']}" if verdict else "为什么什么")
        return []


class Refuse(Action):
    def name(self):
        return "action_refuse"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="不能取消")
        return [SlotSet("last_verdict", {"code": "shipped", "sentence": "已发货"})]


class AskedAgain(Action):
    def name(self):
        return "action_asked_again"

    def run(self, dispatcher, tracker, domain):
        asked = tracker.get_slot("asked_question")
        dispatcher.utter_message(text=f"问了{asked['count']}次{asked['intent']}")
        return []


class Promote(Action):
    def name(self):
        return "action_promote"

    def run(self, dispatcher, tracker, domain):
        visits = tracker.get_slot("visits") + 1
        dispatcher.utter_message(text=f"第{visits}次")
        return [SlotSet("visits", visits), SlotSet("member", True)]


class BreakDown(Action):
    def name(self):
        return "action_break_down"

    def run(self, dispatcher, tracker, domain):
        raise RuntimeError("on purpose")


class BreakBadly(Action):
    def name(self):
        return "action_break_badly"

    def run(self, dispatcher, tracker, domain):
        return [{"event": "slot", "name": 7}]


class TakeLong(Action):
    def name(self):
        return "action_take_long"

    def run(self, dispatcher, tracker, domain):
        time.sleep(1)
        dispatcher.utter_message(text="久等了")
        return []


class RunOn(Action):
    def name(self):
        return "action_run_on"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="再来")
        return [FollowupAction("action_run_on")]


class StaySilent(Action):
    def name(self):
        return "action_stay_silent"

    def run(self, dispatcher, tracker, domain):
        return []


class HandOver(Action):
    def name(self):
        return "action_hand_over"

    def run(self, dispatcher, tracker, domain):
        command = {"type": "handoff", "reason": "requested", "group": None, "note": "想找人工"}
        dispatcher.utter_message(json_message={"command": command})
        return []


class UnknownCommand(Action):
    def name(self):
        return "action_unknown_command"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="好", json_message={"command": {"type": "launch"}})
        return []


class Reminder(Action):
    def name(self):
        return "action_reminder"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="好的，会提醒您")
        return [ReminderScheduled("greet", datetime(2030, 1, 1, tzinfo=UTC))]


class Reject(Action):
    def name(self):
        return "action_reject"

    def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection(self.name())


class ValidateSlots(ValidationAction):
    async def run(self, dispatcher, tracker, domain):
        if tracker.get_intent_of_latest_message() == "fail_extraction":
            raise RuntimeError("on purpose")
        return []


class ValidateReturnForm(FormValidationAction):
    def name(self):
        return "validate_return_form"

    def validate_reason(self, value, dispatcher, tracker, domain):
        if value == "质量问题":
            dispatcher.utter_message(text="请您说得具体一些")
            return {"reason": None}
        return {"reason": value}
