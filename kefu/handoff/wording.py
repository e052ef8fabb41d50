"""What shoppers read about the way to a person and back."""

from __future__ import annotations

TRANSFERRING = "正在为您转接人工客服，请稍候。您可以先描述一下问题，方便客服更快为您处理。"
BACK_TO_BOT = "人工服务已结束，接下来由智能客服继续为您服务。"
ENDED = "本次会话已结束，感谢您的咨询。"
AGENT_LOST = "抱歉，客服的连接中断了。您已排在队伍最前面，我们马上为您安排其他客服，不用重复描述。"
AGENT_LEFT = "刚才的客服已下班。您已排在队伍最前面，我们马上为您安排其他客服，不用重复描述。"
NOT_ANSWERED = "抱歉让您久等了，刚才的客服暂时走不开。您已排在队伍最前面，正在为您安排其他客服。"


def joins(name: str) -> str:
    return f"人工客服{name}为您服务。"


def passed_to_agent(name: str) -> str:
    return f"已为您转接人工客服{name}，之前的聊天记录对方都能看到，不用重复描述。"


def passed_to_group(name: str) -> str:
    return f"正在为您转接{name}，请稍候。之前的聊天记录对方都能看到，不用重复描述。"


def taken_over(name: str) -> str:
    return f"接下来由人工客服{name}为您服务，之前的聊天记录对方都能看到。"


def summed_up(summary: str) -> str:
    return f"人工客服小结：{summary}"
