"""Pass a talk on: to a colleague, to a group, or, for a supervisor, to anybody and oneself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kefu.conversation import events, state
from kefu.conversation.state import State, Step
from kefu.handoff import presence, skills, wording
from kefu.handoff.assigning import hand_over, shown_name
from kefu.handoff.errors import AgentNotSuitable, GroupNotFound, TargetMissing
from kefu.profiles import Profile, Profiles
from kefu.store.tables import Conversation, Staff


@dataclass(frozen=True, slots=True)
class Target:
    """Exactly one of the two; ``note`` tells the next agent what it is about."""

    to_staff: int | None
    to_group: str | None
    note: str = ""

    def check(self) -> None:
        if (self.to_staff is None) == (self.to_group is None):
            raise TargetMissing("exactly one of to_staff and to_group")


def transfer(
    session: Session, conversation_id: str, staff: Staff, profiles: Profiles, target: Target
) -> None:
    """The agent who has it gives it on. Raises ``StateConflict``, ``AgentNotOnline``…"""
    conversation = events.lock(session, conversation_id)
    state.require_owner(session, conversation, staff.staff_id)
    steps = (state.TRANSFER_TO, state.TRANSFER)
    _pass(session, conversation, staff, profiles, target, steps=steps, giver=staff.staff_id)


def move(
    session: Session, conversation_id: str, staff: Staff, profiles: Profiles, target: Target
) -> None:
    """A supervisor moves a talk that waits or that somebody has."""
    conversation = events.lock(session, conversation_id)
    steps = (state.MOVE_TO, state.MOVE)
    _pass(session, conversation, staff, profiles, target, steps=steps, giver=None)


def take_over(session: Session, conversation_id: str, staff: Staff, profiles: Profiles) -> None:
    """A supervisor becomes the agent of a talk, whoever has it; taking it twice is no error."""
    conversation = events.lock(session, conversation_id)
    if conversation.state == State.ASSIGNED and conversation.assigned_to == staff.staff_id:
        return
    fresh = conversation.state == State.BOT
    group = conversation.agent_group
    if fresh or group is None:
        group = profiles[conversation.profile].group_for(None, conversation.context).group
    hand_over(
        session,
        profiles,
        conversation,
        staff,
        state.TAKE_OVER,
        actor=f"staff:{staff.staff_id}",
        text=wording.taken_over(shown_name(staff)),
        agent_group=group,
        reason="taken_over" if fresh else conversation.reason,
        note="" if fresh else conversation.note,
    )


def _pass(
    session: Session,
    conversation: Conversation,
    staff: Staff,
    profiles: Profiles,
    target: Target,
    *,
    steps: tuple[Step, Step],
    giver: int | None,
) -> None:
    target.check()
    profile = profiles[conversation.profile]
    actor = f"staff:{staff.staff_id}"
    note = "\n".join(part for part in (conversation.note, _signed(staff, target.note)) if part)
    if target.to_staff is not None:
        receiver = _receiver(session, profiles, conversation, target.to_staff)
        hand_over(
            session,
            profiles,
            conversation,
            receiver,
            steps[0],
            actor=actor,
            giver=giver,
            text=wording.passed_to_agent(shown_name(receiver)),
            note=note,
            refused_by=[],
        )
        return
    group = profile.group(target.to_group or "")
    if group is None:
        raise GroupNotFound(f"{profile.profile} has no group {target.to_group}")
    state.move(
        session,
        conversation,
        steps[1],
        actor=actor,
        staff_id=giver,
        agent_group=group.group,
        seller_id=_seller_of(profile, group.group),
        note=note,
        # Whoever passes it to a group wants somebody else.
        refused_by=[staff.staff_id] if giver is not None else [],
    )
    events.say(session, conversation, wording.passed_to_group(group.name))


def _receiver(
    session: Session, profiles: Profiles, conversation: Conversation, staff_id: int
) -> Staff:
    receiver = session.get(Staff, staff_id)
    if receiver is None or not receiver.active:
        raise AgentNotSuitable(f"no active staff {staff_id}")
    served = skills.of_staff(session, [staff_id], profiles)[staff_id]
    if not any(profile == conversation.profile for profile, _ in served):
        raise AgentNotSuitable(f"staff {staff_id} does not serve {conversation.profile}")
    presence.require_online(session, staff_id)
    return receiver


def _seller_of(profile: Profile, group: str) -> str | None:
    """The seller whose own group it is."""
    return next((each.seller_id for each in profile.sellers if each.group == group), None)


def _signed(staff: Staff, note: str) -> str:
    return f"{staff.name}转交时留言：{note.strip()}" if note.strip() else ""
