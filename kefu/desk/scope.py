"""Which talks and whose orders a member of the staff may see: the one place that decides it.

Supervisors and administrators see all talks of their profiles. Agents who are limited to groups
see the talks of these groups, of groups that these help out, those assigned to them, and those to
which they were invited; other agents all of the profile's. Roles that serve nobody see none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from kefu.accounts.sessions import Member
from kefu.conversation.errors import ConversationNotFound
from kefu.desk.errors import RoleMissing
from kefu.handoff import skills
from kefu.handoff.assignment import Skill
from kefu.handoff.groups import reach_of
from kefu.handoff.skills import LEADING_ROLES, SERVING_ROLES
from kefu.profiles import Profiles
from kefu.store.handoff_tables import Invitation
from kefu.store.service_tables import Ticket
from kefu.store.tables import Conversation
from kefu.tickets.errors import TicketNotFound


@dataclass(frozen=True, slots=True)
class Scope:
    """``groups``: those that the member is limited to, by profile."""

    member: Member
    groups: Mapping[str, frozenset[str]]
    profiles: Profiles

    @property
    def staff_id(self) -> int:
        return self.member.staff.staff_id

    def held(self, profile: str) -> frozenset[str]:
        return skills.held(self.member.roles, profile)

    def leads(self, profile: str) -> bool:
        return bool(self.held(profile) & LEADING_ROLES)

    def serves(self, profile: str) -> bool:
        return bool(self.held(profile) & SERVING_ROLES)

    @property
    def served(self) -> frozenset[Skill]:
        """Profile and group of all chats that may be given to the member."""
        return skills.served(self.member.roles, self.groups, self.profiles)

    @property
    def seen(self) -> frozenset[Skill]:
        """Profile and group of all chats that a limited agent may look at."""
        return frozenset(
            skill for skill, waits in reach_of(self.profiles).items() if self.served & set(waits)
        )

    def limited(self, profile: str) -> bool:
        """Whether the member sees only part of the profile's talks."""
        return not self.leads(profile) and bool(self.groups.get(profile))

    def sellers(self, profile: str) -> frozenset[str] | None:
        """The sellers whose orders the member may see; ``None``: all that the profile holds.

        An agent of sellers' own groups alone sees these sellers' orders.
        """
        if not self.limited(profile):
            return None
        mine = self.groups[profile]
        of_sellers = {each.group: each.seller_id for each in self.profiles[profile].sellers}
        if not mine <= set(of_sellers):
            return None
        return frozenset(of_sellers[group] for group in mine)

    def talks(self) -> ColumnElement[bool]:
        """The condition on ``Conversation`` for what the member may see."""
        parts: list[ColumnElement[bool]] = []
        served = [each.profile for each in self.profiles if self.serves(each.profile)]
        whole = [profile for profile in served if not self.limited(profile)]
        partly = [profile for profile in served if self.limited(profile)]
        if whole:
            parts.append(Conversation.profile.in_(whole))
        for profile in partly:
            groups = sorted(group for name, group in self.seen if name == profile)
            parts.append(
                and_(Conversation.profile == profile, Conversation.agent_group.in_(groups))
            )
        if partly:
            parts.append(
                and_(
                    Conversation.profile.in_(partly),
                    or_(
                        Conversation.assigned_to == self.staff_id,
                        Conversation.conversation_id.in_(
                            select(Invitation.conversation_id).where(
                                Invitation.staff_id == self.staff_id
                            )
                        ),
                    ),
                )
            )
        return or_(*parts) if parts else false()

    def tickets(self) -> ColumnElement[bool]:
        """The condition on ``Ticket``: those of the talks in sight, and one's own."""
        served = [each.profile for each in self.profiles if self.serves(each.profile)]
        whole = [profile for profile in served if not self.limited(profile)]
        partly = [profile for profile in served if self.limited(profile)]
        talk = select(Conversation.conversation_id).where(
            Conversation.conversation_id == Ticket.conversation_id, self.talks()
        )
        mine = or_(Ticket.assigned_to == self.staff_id, talk.exists())
        return or_(Ticket.profile.in_(whole), and_(Ticket.profile.in_(partly), mine))

    def find_ticket(self, session: Session, number: str) -> Ticket:
        """A ticket that the member may see; raises ``TicketNotFound`` or ``RoleMissing``."""
        found = session.scalar(select(Ticket).where(Ticket.number == number, self.tickets()))
        if found is None:
            self.require_serving(
                session.scalar(select(Ticket.profile).where(Ticket.number == number))
            )
            raise TicketNotFound("no such ticket")
        return found

    def find(self, session: Session, conversation_id: str) -> Conversation:
        """A conversation that the member may see; else ``ConversationNotFound``.

        Raises ``RoleMissing`` where it is of a profile in which the member's work is another.
        """
        found = session.scalar(
            select(Conversation).where(
                Conversation.conversation_id == conversation_id, self.talks()
            )
        )
        if found is None:
            theirs = Conversation.conversation_id == conversation_id
            self.require_serving(session.scalar(select(Conversation.profile).where(theirs)))
            raise ConversationNotFound("no such conversation")
        return found

    def require_serving(self, profile: str | None) -> None:
        """Raise ``RoleMissing`` where it is of a profile in which the member's work is another."""
        if profile and self.held(profile) and not self.serves(profile):
            raise RoleMissing(f"serves nobody in {profile}")

    def require(
        self, session: Session, conversation_id: str, roles: Collection[str] = SERVING_ROLES
    ) -> Conversation:
        """A conversation that the member may see and act on in one of these roles.

        Raises ``ConversationNotFound``, ``RoleMissing``.
        """
        found = self.find(session, conversation_id)
        self.require_role(found.profile, roles)
        return found

    def require_role(self, profile: str, roles: Collection[str]) -> None:
        """Raise ``RoleMissing`` unless the member holds one of these roles in the profile."""
        if not self.held(profile) & set(roles):
            raise RoleMissing(f"none of {', '.join(sorted(roles))} in {profile}")

    def require_any(self, roles: Collection[str]) -> None:
        """Raise ``RoleMissing`` unless the member holds one of these roles somewhere."""
        if not any(names & set(roles) for names in self.member.roles.values()):
            raise RoleMissing(f"none of {', '.join(sorted(roles))} anywhere")


def scope_of(session: Session, member: Member, profiles: Profiles) -> Scope:
    groups = skills.groups_of(session, [member.staff.staff_id])
    return Scope(member, groups[member.staff.staff_id], profiles)
