"""One message's way into a request about an order: what it names, corrects, or agrees to."""

from __future__ import annotations

import re

from actions.agreeing import agrees
from actions.base import Services
from actions.choose import OrderChoice, named_number, rejects_order, remember_order
from actions.forms import is_unread, lead_in, says_yes
from actions.order_request import NO_ORDER, SEEN, Draft, OrderRequest, mark_of
from actions.orders import NOT_FOUND
from actions.reply import Reply
from actions.short_form import ValidateShortForm
from actions.turn import Turn
from kefu.shop.model import Order

REQUESTS: dict[str, type[OrderRequest]] = {}
"""By intent; filled where all actions are listed."""

WRONG = re.compile(r"^(?:不对|不是|错了|有误|不是这样|写错了?|填错了?)[的了吧啊。.!！~ ]*$")


def request_of(services: Services, turn: Turn) -> OrderRequest:
    """The service that the form is filled in for."""
    return REQUESTS[turn.text_slot("order_service") or ""](services)


def draft_of(turn: Turn) -> Draft:
    return dict(turn.slots.get("order_draft") or {})


def drops(turn: Turn, verbs: tuple[str, ...]) -> bool:
    """「不取消了」, 「先不改了吧」."""
    words = "|".join(verbs)
    left = rf"^(?:那|我|还是|先|就|算了|，|,)*不(?:用|想|要|再|需要)?(?:{words})[了吧啦。.!！~]*$"
    return bool(words and re.match(left, turn.text))


_CORRECTS = re.compile(r"^(?:不对|不是|错了|写错|填错)")
_DONE_YET = re.compile(r"(?:好|完|改|办|取消|提交|申请|成功)了?(?:没有?|吗|么|不)[?？了呢啊。 ]*$")


class Filling:
    """One message's way into the draft."""

    def __init__(self, form: ValidateShortForm, turn: Turn, reply: Reply) -> None:
        self.form = form
        self.shop = form.shop
        self.turn = turn
        self.reply = reply
        self.request = request_of(form.services, turn)
        self.number = turn.text_slot("order_chosen")
        self.before = draft_of(turn)

    @property
    def asked(self) -> str | None:
        return self.turn.requested_slot

    @property
    def corrects(self) -> bool:
        """Whether the message names another order or another fact."""
        if rejects_order(self.turn):
            return True
        order = self.kept_order()
        named = named_number(self.turn)
        changed = self.request.read(self.turn, order, dict(self.before)) != self.before
        return changed or (named is not None and named != self.number)

    def kept_order(self) -> Order | None:
        if self.number is None or self.number == NO_ORDER:
            return None
        return self.shop.order(self.turn.viewer, self.number)

    def read(self) -> bool:
        """Whether the message belongs to the form; the slots then hold what it said."""
        if self.turn.entity("page"):
            self.reply.remember("order_chosen", None)
            lead_in(self.reply, "")
            return True
        if self.names_unknown():
            lead_in(self.reply, f"{NOT_FOUND}\n")
            return True
        number = self.chosen_number()
        order = (
            self.shop.order(self.turn.viewer, number) if number not in (None, NO_ORDER) else None
        )
        draft = self.request.read(self.turn, order, dict(self.before))
        same = number == self.number and draft == self.before
        confirmed = same and self.confirms(number)
        if self.asked and same and not confirmed and not self.says_wrong():
            return False
        if self.asked == "order_details":
            draft = {**draft, SEEN: "yes"}
        if number != self.number and order:
            remember_order(self.reply, self.turn, order.order_number)
        self.settle(number, order, draft, confirmed=confirmed)
        return True

    def names_unknown(self) -> bool:
        """Whether the message holds the number of an order that is not the shopper's."""
        named = named_number(self.turn)
        if named is None or self.asked is None or self.request.awaits_number(self.turn):
            return False
        patterns = self.form.services.profiles[self.turn.claims.profile].order_number_patterns
        formed = any(re.fullmatch(each, named, re.IGNORECASE) for each in patterns)
        meant = formed or self.asked == "order_chosen"
        return meant and self.shop.order(self.turn.viewer, named) is None

    def chosen_number(self) -> str | None:
        """The order named just now, else the one chosen before; ``None`` if it is to be asked."""
        if self.turn.entity("choice") == NO_ORDER and not self.request.needs_order:
            return NO_ORDER
        named = named_number(self.turn)
        if named and self.turn.requested_slot is not None:
            found = self.shop.order(self.turn.viewer, named)
            if found:
                return found.order_number
        if rejects_order(self.turn):
            return self.other_order()
        if self.number is None and self.asked == "order_chosen":
            return self.pointed_at()
        return self.number

    def pointed_at(self) -> str | None:
        """「最新的那个」, 「耳机那单」 in answer to the question for the order."""
        choice = OrderChoice(self.shop, self.turn)
        order = choice.named() or choice.pointed_at(self.request.candidates(self.turn))
        return order.order_number if order else None

    def other_order(self) -> str | None:
        left = [
            one for one in self.request.candidates(self.turn) if one.order_number != self.number
        ]
        if not left:
            lead_in(self.reply, "能选的只有这一笔订单。\n")
            return self.number
        return None

    def says_wrong(self) -> bool:
        """A bare 「不对」 to the summary: what is wrong is asked."""
        if self.asked != "order_confirmed":
            return False
        if WRONG.match(self.turn.text):
            lead_in(self.reply, "哪里不对呢？把正确的直接发给我就行。\n")
        elif is_unread(self.turn) and _CORRECTS.match(self.turn.text):
            lead_in(self.reply, "抱歉，我没看明白要改成什么。请把正确的内容完整地发给我。\n")
        elif is_unread(self.turn) and _DONE_YET.search(self.turn.text):
            lead_in(self.reply, "还没有提交，等您确认。\n")
        else:
            return False
        return True

    def confirms(self, number: str | None) -> bool:
        """A yes counts for what is on the table, not for what an older button showed."""
        if self.asked != "order_confirmed":
            return False
        mark = self.turn.entity("choice")
        if not self.turn.text and self.turn.intent == "affirm":
            return mark in (None, mark_of(self.request.intent, number, self.before))
        return says_yes(self.turn) or agrees(self.turn.text, self.request.verbs)

    def settle(
        self, number: str | None, order: Order | None, draft: Draft, *, confirmed: bool
    ) -> None:
        """Refuse what the rules forbid, send back what cannot be taken, keep the rest."""
        if order and not self.is_allowed(order, draft):
            self.form.finish(self.reply)
            return
        draft, problem = self.request.problem(self.turn, order, draft)
        if problem:
            self.reply.refused(problem)
            lead_in(self.reply, f"{problem.sentence}\n")
        known = number is not None
        if not known and self.asked == "order_chosen" and draft != self.before and not problem:
            lead_in(self.reply, "好的，这些我先记下了。\n")
        complete = known and self.request.next_question(self.turn, order, draft) is None
        self.reply.remember("order_chosen", number)
        self.reply.remember("order_draft", draft)
        self.reply.remember("order_details", "yes" if complete else None)
        self.reply.remember("order_confirmed", "yes" if complete and confirmed else None)

    def is_allowed(self, order: Order, draft: Draft) -> bool:
        """What this very turn has done already is allowed: it is only told again."""
        verdict = self.request.verdict(self.turn, order, draft)
        if verdict.allowed:
            return True
        name = self.request.operation
        if name and self.shop.operation(self.turn.ref, name, self.request.target(order, draft)):
            return True
        self.request.refuse(self.turn, self.reply, order, verdict)
        return False
