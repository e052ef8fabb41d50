"""Complaints, appeals and the like: written down for people to follow up, once confirmed."""

from __future__ import annotations

import re
from typing import ClassVar, cast

from actions.base import KefuAction
from actions.matters import MATTERS, PENDING, Matter, matter
from actions.reply import PERSON, Reply, button
from actions.ticket_draft import NOTHING, TicketDraft, draft_of, start_ticket
from actions.ticket_progress import WORKED_ON, progress_sentence, tell_tickets
from actions.turn import Turn
from kefu.turn_token import TicketSummary

_INTERVENTION = re.compile(r"介入|小二|仲裁|平台(来|出面|处理|管|帮)")
_APPEAL = re.compile(r"申诉|不服|异议|不认可|复核|复议|审核|判|处罚|结果")
_ADDS = re.compile(r"^(?:我要?|再|还要?|帮我|给我?)*补充(?:一?下|说明|一点|点|情况|[:：，,])*")
_WANTED = re.compile(
    r"(我|请|帮|要|想).{0,4}(投诉|申诉|举报)|申请.{0,4}介入|(请|要|让).{0,4}介入"
    r"|^(投诉|申诉|举报|平台介入|登记)|提交(投诉|申诉|反馈|技术问题)"
)


class TicketAction(KefuAction):
    """Opens a ticket for who plainly wants one; what only sounds like it is asked about first.

    While one of the kind is worked on, its progress is told instead of opening a second.
    """

    intent: ClassVar[str]
    kind: ClassVar[str]

    def answer(self, turn: Turn, reply: Reply) -> None:
        if tell_tickets(turn, reply):
            return
        meant = self.meant(turn, reply)
        if meant is None:
            return
        known = open_one(turn, meant)
        if known:
            tell_known(turn, reply, meant, known)
        elif _WANTED.search(turn.text) or asked_before(turn) == meant.kind:
            begin(turn, reply, meant)
        else:
            offer_ticket(turn, reply, meant)

    def meant(self, turn: Turn, reply: Reply) -> Matter | None:
        """What is to be written down; ``None`` after having asked."""
        return MATTERS[self.kind]


class Complaint(TicketAction):
    action_name: ClassVar[str] = "action_complaint"
    intent: ClassVar[str] = "complaint"
    kind: ClassVar[str] = "complaint"


class Feedback(TicketAction):
    action_name: ClassVar[str] = "action_feedback"
    intent: ClassVar[str] = "feedback"
    kind: ClassVar[str] = "feedback"


class DisputeAppeal(TicketAction):
    """An appeal against a decision, or the platform's intervention: told apart, or asked."""

    action_name: ClassVar[str] = "action_dispute_appeal"
    intent: ClassVar[str] = "dispute_appeal"
    kind: ClassVar[str] = "appeal"

    def meant(self, turn: Turn, reply: Reply) -> Matter | None:
        if _INTERVENTION.search(turn.text):
            return MATTERS["intervention"]
        if _APPEAL.search(turn.text):
            return MATTERS["appeal"]
        pending = asked_before(turn)
        if pending in ("appeal", "intervention"):
            return MATTERS[pending]
        reply.remember(PENDING, {"kind": None, "details": turn.own_words})
        kinds = ("intervention", "appeal", "complaint")
        buttons = [button(MATTERS[kind].submit, "open_ticket", ticket=kind) for kind in kinds]
        reply.say(
            "您想申请平台介入，还是对已有的处理结果申诉？只是要反映问题的话，可以提交投诉。",
            [*buttons, PERSON],
        )
        return None


class OpenTicket(KefuAction):
    """A button that names a kind of ticket, or the open ticket that shall be added to."""

    action_name: ClassVar[str] = "action_open_ticket"

    def answer(self, turn: Turn, reply: Reply) -> None:
        wanted = turn.entity("ticket")
        ticket = next((each for each in turn.tickets if each.number == wanted), None)
        meant = matter(ticket.kind if ticket else wanted)
        if ticket and meant:
            add_to(turn, reply, meant, ticket)
        elif meant:
            begin(turn, reply, meant)
        else:
            reply.offer_person("这张工单已经处理完了，不能再补充。有新的情况可以重新提交。")


def offer_ticket(turn: Turn, reply: Reply, meant: Matter) -> None:
    """Ask whether to write it down; a press on the button or a bare yes will do."""
    reply.remember(PENDING, {"kind": meant.kind, "details": turn.own_words})
    reply.say(meant.offer, [button(meant.submit, "open_ticket", ticket=meant.kind), PERSON])


def begin(turn: Turn, reply: Reply, meant: Matter) -> None:
    """Start with what was said when it was asked about, and since."""
    words = turn.own_words if turn.intent != "affirm" else ""
    parts = dict.fromkeys(each for each in (said_before(turn, meant), words) if each)
    reply.remember(PENDING, None)
    draft = draft_of(meant, "\n".join(parts))
    agreed = asked_before(turn) == meant.kind
    start_ticket(turn, reply, draft, confirmed=agreed and not meant.about_order)


def add_to(turn: Turn, reply: Reply, meant: Matter, ticket: TicketSummary) -> None:
    """Have more written down in a ticket that is worked on."""
    order = ticket.order_number or NOTHING
    reply.remember(PENDING, None)
    words = said_before(turn, meant)
    draft = draft_of(meant, words, order_number=order, contact=NOTHING, supplements=ticket.number)
    start_ticket(turn, reply, draft)


def adds_to_open(turn: Turn, reply: Reply) -> bool:
    """「补充一下，他工号是1234」: more for the one ticket that is worked on, if there is one."""
    found = _ADDS.match(turn.text)
    known = [each for each in turn.tickets if each.state in WORKED_ON and matter(each.kind)]
    if found is None or len(known) != 1 or turn.active_form:
        return False
    (ticket,) = known
    draft = TicketDraft(
        MATTERS[ticket.kind],
        order_number=ticket.order_number or NOTHING,
        contact=NOTHING,
        supplements=ticket.number,
    )
    start_ticket(turn, reply, draft.with_more(turn.own_words[found.end() :]))
    return True


def said_before(turn: Turn, meant: Matter) -> str:
    """What was said when a ticket was asked about; a button still means it some answers later."""
    kept = turn.set_before(PENDING) if turn.text else turn.slots.get(PENDING)
    pending = cast("dict[str, str | None]", kept or {})
    return (pending.get("details") or "") if pending.get("kind") in (meant.kind, None) else ""


def asked_before(turn: Turn) -> str | None:
    """The kind of ticket that the bot's last answer asked about."""
    pending = turn.set_before(PENDING)
    return cast("str | None", pending["kind"]) if pending else None


def open_asked_for(turn: Turn, reply: Reply) -> bool:
    """A yes to the ticket asked about just now; whether there was one."""
    asked = matter(asked_before(turn))
    if asked:
        begin(turn, reply, asked)
    return asked is not None


def open_one(turn: Turn, meant: Matter) -> TicketSummary | None:
    """The shopper's ticket of this kind that is worked on, for the order named, if one is."""
    number = turn.entity("order_number")
    return next(
        (
            each
            for each in turn.tickets
            if each.kind == meant.kind
            and each.state in WORKED_ON
            and (number is None or each.order_number in (None, number))
        ),
        None,
    )


def tell_known(turn: Turn, reply: Reply, meant: Matter, known: TicketSummary) -> None:
    """Progress instead of a second ticket; what is new goes to the first, or is another matter."""
    reply.remember(PENDING, {"kind": None, "details": turn.own_words})
    reply.say(
        f"您之前提交过一张，不用重复提交：\n{progress_sentence(turn, known)}"
        "有新的情况可以补充进去；是另一件事的话，我再为您登记。",
        [
            button("补充说明", "open_ticket", ticket=known.number),
            button("是另一件事", "open_ticket", ticket=meant.kind),
            PERSON,
        ],
    )
