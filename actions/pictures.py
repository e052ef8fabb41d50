"""A picture was sent: nobody here can see it, so it is kept for whoever can."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.evidence import keep_picture
from actions.matters import PENDING, matter
from actions.reply import PERSON, Button, Reply, button
from actions.return_draft import FORM as RETURN_FORM
from actions.ticket_draft import FORM as TICKET_FORM
from actions.ticket_progress import WORKED_ON
from actions.tickets import asked_before
from actions.turn import Turn

SUBMITTED_WITH = frozenset({RETURN_FORM, TICKET_FORM})
CANNOT_SEE = "我暂时看不了图片，已经为您保留，人工客服可以看到。"
_TOPICS = (
    button("质量问题", "quality_problem"),
    button("少发错发", "wrong_or_missing_item"),
    button("付款失败截图", "payment_failure"),
)


class PictureSent(KefuAction):
    """Evidence where something is being submitted; else it is asked what it is about."""

    action_name: ClassVar[str] = "action_picture"

    def answer(self, turn: Turn, reply: Reply) -> None:
        count = keep_picture(turn, reply)
        received = "图片收到了" if count < 2 else f"收到了，一共 {count} 张图片"
        pending = matter(asked_before(turn))
        if turn.active_form in SUBMITTED_WITH:
            reply.say(f"{received}，会作为凭证一起提交。")
        elif turn.active_form:
            reply.say(f"{received}。{CANNOT_SEE}")
        elif pending:
            # The offer stands as it was, with what was said then.
            reply.remember(PENDING, turn.set_before(PENDING))
            submit = button(pending.submit, "open_ticket", ticket=pending.kind)
            reply.say(f"{received}，登记时会作为凭证一起提交。需要现在登记吗？", [submit, PERSON])
        elif turn.repeats(self.action_name):
            reply.say(f"{received}。请问是哪方面的问题？", _choices(turn))
        else:
            reply.say(f"{received}。{CANNOT_SEE}请问是哪方面的问题？", _choices(turn))


def _choices(turn: Turn) -> list[Button]:
    """What pictures are mostly about; a ticket that is worked on comes first."""
    known = [each for each in turn.tickets if each.state in WORKED_ON and matter(each.kind)]
    adding = [button("补充到工单", "open_ticket", ticket=each.number) for each in known[:1]]
    return [*adding, *_TOPICS, PERSON]
