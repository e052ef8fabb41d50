"""Invoices: asked for, changed, and how far one is."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.cards import goods_of, order_title
from actions.choose import OrderChoice, remember_order
from actions.invoice_words import (
    PERSON_TITLE,
    told_email,
    told_kind,
    told_tax_number,
    told_title,
)
from actions.knowledge import find, quote
from actions.order_form import StartOrderRequest
from actions.order_request import SEEN, Draft, OrderRequest, Question, option
from actions.reply import PERSON, Reply, button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.invoice_rules import (
    InvoiceDetails,
    details_verdict,
    invoice_amount,
    invoice_verdict,
)
from kefu.shop.mapping import mask_email
from kefu.shop.model import Order, OrderState, Verdict
from kefu.shop.money import Invoice, InvoiceState

INTENT = "invoice"
CHANGE = "change"
NO_EMAIL = "no_email"
COMPANY, PERSON_KIND = "company", "person"
STANDING = (InvoiceState.REQUESTED, InvoiceState.ISSUED)
TOLD = (*STANDING, InvoiceState.REJECTED)
_BAD = {"title_invalid": "title", "tax_number_invalid": "tax_number", "email_invalid": "email"}

_SPECIAL = re.compile(r"专票|专用发票|增值税专")
_PROGRESS = re.compile(
    r"开了?[没吗]|开好|开出来|什么时候|啥时候|多久|没收到|没看到|进度|在哪|下载|寄|呢[?？]?$|重新?发|再发"
)
_CHANGE = re.compile(r"改|换|错|重开|更正|修改|补充税号|不对|作废")
_RULES = re.compile(
    r"电子的还是纸质|能开多少|内容能写|明细|礼品卡|优惠券.{0,4}开|在哪里?填|要什么资料|可以报销吗|有效吗"
)
_WITHOUT_EMAIL = re.compile(
    r"(?:不用|不要|没有?|不填|不发)(?:发|填|到)?(?:邮箱|邮件)|邮箱.{0,2}(?:不用|没有|不要|不填)"
)
_NO_EMAIL = re.compile(r"不用|不要|没有|不发|跳过|不填")


class InvoiceRequest(OrderRequest):
    """The draft holds ``kind``, ``title``, ``tax_number`` and ``email`` (empty: none)."""

    intent: ClassVar[str] = INTENT
    operation: ClassVar[str | None] = "request_invoice"
    question: ClassVar[str] = "您想给哪一笔订单开发票？"
    leave: ClassVar[str] = "先不开了"
    farewell: ClassVar[str] = "好的，这次先不开发票。需要时随时找我。"
    confirm: ClassVar[str] = "确认开票"
    verbs: ClassVar[tuple[str, ...]] = ("开票", "开", "提交")
    states: ClassVar[tuple[OrderState, ...] | None] = (
        OrderState.PAID,
        OrderState.SHIPPED,
        OrderState.SIGNED,
        OrderState.COMPLETED,
    )

    def verdict(self, turn: Turn, order: Order, draft: Draft) -> Verdict:
        policy = self.services.profiles[turn.claims.profile].policies
        return invoice_verdict(order, turn.now, policy)

    def read(self, turn: Turn, order: Order | None, draft: Draft) -> Draft:
        pressed = self.chosen(turn, order, draft)
        if pressed in (COMPANY, PERSON_KIND):
            return _of_kind(draft, pressed)
        if pressed == NO_EMAIL:
            return {**draft, "email": ""}
        if not turn.text:
            return draft
        asked = missing(draft) if turn.requested_slot == "order_details" else None
        free = self.takes_words(turn)
        title = told_title(turn, asked=asked == "title" and free)
        number = told_tax_number(turn, asked=asked == "tax_number" and free)
        email = told_email(turn, asked=asked == "email" and free)
        named = told_kind(turn.text) if asked in ("kind", None) else None
        kind = COMPANY if number else named
        changed = _of_kind(draft, kind) if kind else dict(draft)
        told = {"title": title, "tax_number": number, "email": email}
        found = {name: value for name, value in told.items() if value}
        if not email and self.declines_email(turn, draft):
            found["email"] = ""
        return {**changed, **found}

    def declines_email(self, turn: Turn, draft: Draft) -> bool:
        if _WITHOUT_EMAIL.search(turn.text):
            return True
        asked = turn.requested_slot == "order_details" and missing(draft) == "email"
        return asked and "@" not in turn.text and bool(_NO_EMAIL.search(turn.text))

    def awaits_number(self, turn: Turn) -> bool:
        draft = dict(turn.slots.get("order_draft") or {})
        return turn.requested_slot == "order_details" and missing(draft) == "tax_number"

    def keeps(self, turn: Turn) -> bool:
        draft = dict(turn.slots.get("order_draft") or {})
        return bool(turn.text) and self.declines_email(turn, draft)

    def problem(
        self, turn: Turn, order: Order | None, draft: Draft
    ) -> tuple[Draft, Verdict | None]:
        """Each fact is judged as it is told, the others taken for right."""
        for field in ("title", "tax_number", "email"):
            if not draft.get(field):
                continue
            alone = {"title": PERSON_TITLE, field: draft[field]}
            verdict = details_verdict(details_of(alone))
            if not verdict.allowed:
                left = {name: value for name, value in draft.items() if name != _BAD[verdict.code]}
                return left, verdict
        return draft, None

    def next_question(self, turn: Turn, order: Order | None, draft: Draft) -> Question | None:
        first = order if not draft.get(SEEN) else None
        goods = f"{order_title(first, turn.now)}：" if first else ""
        match missing(draft):
            case "kind":
                kinds = [option("个人", PERSON_KIND), option("公司或单位", COMPANY)]
                return Question(f"{goods}可以开电子发票。抬头是个人还是公司？", kinds)
            case "title":
                return Question(f"{goods}请发公司或单位的全称，税号、邮箱也可以一起发。")
            case "tax_number":
                return Question(f"{goods}请发税号（统一社会信用代码，15、18 或 20 位）。")
            case "email":
                skip = [option("不用发邮箱", NO_EMAIL)]
                return Question(
                    f"{goods}发票要发到哪个邮箱？不填也可以，开好后在这里就能查到。", skip
                )
            case _:
                return None

    def summary(self, turn: Turn, order: Order | None, draft: Draft) -> str:
        assert order is not None
        old = standing(self, turn, order)
        lines = [
            "请您核对：",
            f"订单：{order.order_number}（{goods_of(order)}）",
            f"抬头：{draft['title']}",
            *([f"税号：{draft['tax_number']}"] if draft.get("tax_number") else []),
            *([f"邮箱：{mask_email(draft['email'])}"] if draft.get("email") else []),
            f"金额：{wording.yuan(invoice_amount(order))}",
        ]
        replaces = f"原来的发票（抬头：{old.title}）会作废重开。" if old else ""
        return "\n".join([*lines, f"{replaces}确认开票吗？写错了可以直接发正确的。"])

    def carry_out(self, turn: Turn, reply: Reply, order: Order | None, draft: Draft) -> None:
        assert order is not None
        number, details = order.order_number, details_of(draft)
        made = self.shop.request_invoice(
            turn.viewer,
            turn.ref,
            order_number=number,
            title=details.title,
            tax_number=details.tax_number,
            email=details.email,
        )
        remember_order(reply, turn, number)
        sent = f"，开好后发到{made.email_masked}" if made.email_masked else "，开好后在这里就能查到"
        reply.say(
            f"发票申请已提交，编号{made.invoice_id}，抬头「{made.title}」，"
            f"金额{wording.yuan(made.amount)}{sent}。",
            [button("查开票进度", INTENT, order_number=number)],
        )

    def request(self, turn: Turn, order: Order | None, draft: Draft) -> tuple[str, str]:
        number = order.order_number if order else ""
        details = details_of(draft)
        return (
            "开具发票",
            f"订单 {number} 开发票。抬头：{details.title}；税号：{details.tax_number or '无'}；"
            f"邮箱：{details.email or '无'}。",
        )


class InvoiceService(StartOrderRequest):
    action_name: ClassVar[str] = "action_invoice"
    request: ClassVar[type[OrderRequest]] = InvoiceRequest

    def answers(self, turn: Turn, reply: Reply) -> bool:
        if _SPECIAL.search(turn.text):
            reply.offer_person(
                "我这里能自助开电子普通发票；增值税专用发票需要人工客服核对公司的开票资料后办理。",
                buttons=[button("开电子普票", INTENT, page="1")],
            )
            return True
        request = InvoiceRequest(self.services)
        if turn.entity("choice") == CHANGE or turn.entity("page"):
            return False
        if _RULES.search(turn.text) and self.explained(turn, reply):
            return True
        order = request.order_in(turn)
        made = newest(request, turn, order) if order else None
        if order and made and not self.is_new_wish(turn):
            self.tell(turn, reply, order, made)
            return True
        return False if order or not _PROGRESS.search(turn.text) else self.tell_all(turn, reply)

    @staticmethod
    def is_new_wish(turn: Turn) -> bool:
        facts = told_title(turn, asked=False) or told_tax_number(turn, asked=False)
        return bool(_CHANGE.search(turn.text) or facts)

    def explained(self, turn: Turn, reply: Reply) -> bool:
        passage = find(turn, self.services, INTENT)
        if passage is None:
            return False
        quote(reply, passage, [button("申请发票", INTENT, page="1")])
        return True

    def tell_all(self, turn: Turn, reply: Reply) -> bool:
        """Who asks how far it is means an order that has an invoice."""
        orders = OrderChoice(self.shop, turn).recent(InvoiceRequest.states, 20)
        request = InvoiceRequest(self.services)
        found = [(each, made) for each in orders if (made := newest(request, turn, each))]
        for order, made in found[:3]:
            self.tell(turn, reply, order, made)
        return bool(found)

    def tell(self, turn: Turn, reply: Reply, order: Order, made: Invoice) -> None:
        remember_order(reply, turn, order.order_number)
        again = "重新申请" if made.state is InvoiceState.REJECTED else "换开发票"
        change = button(again, INTENT, order_number=order.order_number, choice=CHANGE)
        reply.say(f"{goods_of(order)}：{progress_of(turn, made)}", [change, PERSON])


def progress_of(turn: Turn, made: Invoice) -> str:
    """How far an invoice is."""
    head = f"发票{made.invoice_id}，抬头「{made.title}」，{wording.yuan(made.amount)}"
    where = f"发到{made.email_masked}" if made.email_masked else ""
    if made.state is InvoiceState.ISSUED and made.issued_at:
        sent = f"，已{where}，没看到的话请找找垃圾邮件" if where else "，可以在订单详情里查看"
        return f"{head}，{wording.moment_text(made.issued_at, turn.now)}已开具{sent}。"
    asked = wording.moment_text(made.requested_at, turn.now)
    if made.state is InvoiceState.REJECTED:
        return f"{head}，{asked}申请，没有通过。请核对抬头和税号后重新申请，原因可以请人工客服查。"
    return f"{head}，{asked}申请，正在开具{f'，开好后{where}' if where else ''}。"


def newest(request: OrderRequest, turn: Turn, order: Order) -> Invoice | None:
    """The order's last invoice, though it may have been rejected."""
    made = request.shop.invoices(turn.viewer, order.order_number)
    return next((each for each in made if each.state in TOLD), None)


def standing(request: OrderRequest, turn: Turn, order: Order | None) -> Invoice | None:
    """The invoice of the order that holds, asked for or issued."""
    if order is None:
        return None
    made = request.shop.invoices(turn.viewer, order.order_number)
    return next((each for each in made if each.state in STANDING), None)


def missing(draft: Draft) -> str | None:
    """What is asked for next; an e-mail address may stay empty."""
    if not draft.get("kind"):
        return "kind"
    if not draft.get("title"):
        return "title"
    if draft["kind"] == COMPANY and not draft.get("tax_number"):
        return "tax_number"
    return None if "email" in draft else "email"


def details_of(draft: Draft) -> InvoiceDetails:
    return InvoiceDetails.tidied(
        draft.get("title", ""), draft.get("tax_number"), draft.get("email")
    )


def _of_kind(draft: Draft, kind: str) -> Draft:
    """What is made out to a person has no tax number, and needs no name."""
    if draft.get("kind") == kind:
        return draft
    kept = {name: value for name, value in draft.items() if name == "email"}
    return {**kept, "kind": kind, **({"title": PERSON_TITLE} if kind == PERSON_KIND else {})}
