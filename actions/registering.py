"""What the shop lets nobody but people do: written down as a ticket, and told so."""

from __future__ import annotations

from actions.choose import current_number, named_number
from actions.reply import PERSON, Reply
from actions.ticket_progress import WORKED_ON, progress_sentence
from actions.turn import Turn
from kefu.turn_token import SUBJECT_LENGTH, TicketSummary

DETAILS_LENGTH = 2000
UNPROVED = "顾客没有登录，只核对过订单号和手机尾号，改动收货信息前请核实身份。"
REGISTERED = "这项服务要由人工办理，我已经为您登记，处理结果会通知您。"


def register_request(
    turn: Turn,
    reply: Reply,
    subject: str,
    details: str,
    order_number: str | None = None,
    *,
    said: str = REGISTERED,
) -> None:
    """Open a ticket with what was asked for; the desk tells its number and until when.

    ``said`` is what the shopper hears before that.
    """
    proof = f"\n{UNPROVED}" if turn.is_guest else ""
    reply.command(
        "ticket",
        kind="service",
        subject=subject,
        details=f"{details[: DETAILS_LENGTH - len(proof)]}{proof}",
        order_number=order_number or named_number(turn) or current_number(turn),
    )
    reply.say(said)


def open_service_ticket(
    turn: Turn, order_number: str | None, *subjects: str
) -> TicketSummary | None:
    """The ticket of one of these ``subjects`` about this order that is worked on."""
    return next(
        (
            each
            for each in turn.tickets
            if each.kind == "service"
            and each.subject in {subject[:SUBJECT_LENGTH] for subject in subjects}
            and each.state in WORKED_ON
            and order_number is not None
            and each.order_number == order_number
        ),
        None,
    )


def tell_registered(turn: Turn, reply: Reply, ticket: TicketSummary) -> None:
    """Progress instead of a second ticket for the same."""
    progress = progress_sentence(turn, ticket)
    reply.say(f"这件事已经登记过了，不用重复提交：\n{progress}", [PERSON])
