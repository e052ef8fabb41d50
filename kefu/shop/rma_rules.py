"""What may become of an RMA that has been opened. Pure, as ``rules``."""

from __future__ import annotations

import re

from kefu.shop.model import Return, ReturnState, Verdict

_TRACKING_NUMBER = re.compile(r"[0-9A-Za-z-]{6,40}")
_CARRIER = re.compile(r"[0-9a-z_]{1,32}")


def tracking_verdict(returned: Return) -> Verdict:
    """Whether a tracking number may be given, or one that was given be corrected."""
    match returned.state:
        case ReturnState.APPROVED | ReturnState.SHIPPED_BACK:
            return Verdict(True)
        case ReturnState.REQUESTED:
            return Verdict(
                False, "return_not_approved", "售后申请还在审核，请等审核通过后再寄回商品。"
            )
        case ReturnState.INSPECTING:
            return Verdict(
                False, "return_received", "商家已经收到您寄回的商品，不需要再填写快递单号。"
            )
        case _:
            return _ended(returned)


def withdraw_verdict(returned: Return) -> Verdict:
    """Whether an RMA may be withdrawn."""
    match returned.state:
        case ReturnState.REQUESTED | ReturnState.APPROVED:
            return Verdict(True)
        case ReturnState.SHIPPED_BACK | ReturnState.INSPECTING:
            return Verdict(
                False,
                "return_sent_back",
                "商品已经寄回，不能自助撤销申请。如果不想退了，可为您转接人工客服。",
            )
        case _:
            return _ended(returned)


def parcel_verdict(carrier_code: str, tracking_number: str) -> Verdict:
    """Whether these can name a parcel at all."""
    if not _CARRIER.fullmatch(carrier_code):
        return Verdict(False, "carrier_invalid", "没有认出是哪家快递公司，请您重新选择。")
    if not _TRACKING_NUMBER.fullmatch(tracking_number):
        return Verdict(
            False,
            "tracking_number_invalid",
            "快递单号由6至40位数字或字母组成，请您核对后再发一次。",
        )
    return Verdict(True)


def _ended(returned: Return) -> Verdict:
    ends = {
        ReturnState.REJECTED: "没有通过审核",
        ReturnState.REFUNDED: "已经退款完成",
        ReturnState.CLOSED: "已经关闭",
    }
    end = ends.get(returned.state, "已经结束")
    return Verdict(False, "return_ended", f"这个售后申请（{returned.rma_number}）{end}。")
