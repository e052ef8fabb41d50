"""What can go wrong between Kefu and a shop's server."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class ChannelOff(KefuError):
    """The profile names no ``webhook_channel``, or the variable with its key is not set."""

    code: ClassVar[str] = "channel_off"
    title: ClassVar[str] = "这个店铺没有开通 webhook 渠道，请检查客服配置和密钥的环境变量。"
    status: ClassVar[int] = 404


class EventNotTaken(KefuError):
    """The shop's server did not answer an event with 2xx; its ``detail`` says how it did."""

    code: ClassVar[str] = "event_not_taken"
    title: ClassVar[str] = "店铺的服务器没有接收会话消息，请检查它的地址和日志。"
    status: ClassVar[int] = 502
