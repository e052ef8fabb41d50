"""Pictures for the staff: seen by those who serve shoppers, removed by supervisors."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from kefu.accounts.rights import Right
from kefu.attachments import rows
from kefu.attachments.errors import AttachmentNotFound
from kefu.attachments.files import Size
from kefu.channels.attachments import picture_response
from kefu.channels.shopper import InRuntime
from kefu.conversation.errors import ConversationNotFound
from kefu.desk.access import InScope
from kefu.desk.scope import Scope
from kefu.store.database import utc_now
from kefu.store.tables import Audit
from kefu.tickets.errors import TicketNotFound

KEPT_BY_BROWSER = 600

router = APIRouter(prefix="/api/v1/desk/attachments", tags=["desk"])

AttachmentId = Annotated[str, Path(pattern=rows.ID)]


@router.get("/{attachment_id}", response_class=FileResponse)
async def see(
    attachment_id: AttachmentId, runtime: InRuntime, scope: InScope, size: Size = Size.FULL
) -> FileResponse:
    """The picture, as JPEG."""
    profile = await runtime.database.read(
        partial(_profile_for, attachment_id=attachment_id, scope=scope, right=Right.SERVE)
    )
    path = await runtime.pictures.file(profile, attachment_id, size)
    return picture_response(path, seconds=KEPT_BY_BROWSER)


@router.delete("/{attachment_id}", status_code=204)
async def remove(attachment_id: AttachmentId, runtime: InRuntime, scope: InScope) -> None:
    """Remove it for good: what should never have been sent."""
    profile = await runtime.database.write(
        partial(_remove, attachment_id=attachment_id, scope=scope)
    )
    await runtime.pictures.remove(profile, attachment_id)


def _profile_for(session: Session, attachment_id: str, scope: Scope, right: Right) -> str:
    """The picture's profile.

    Raises ``AttachmentNotFound``, also where the talk is not for the member to see, and
    ``RoleMissing``.
    """
    row = rows.sent(session, attachment_id)
    try:
        if row.conversation_id:
            scope.find(session, row.conversation_id)
        else:
            scope.find_ticket(session, rows.ticket_of(session, attachment_id))
    except (ConversationNotFound, TicketNotFound) as error:
        raise AttachmentNotFound("in no talk or ticket of the member's") from error
    scope.member.require(right, row.profile)
    return row.profile


def _remove(session: Session, attachment_id: str, scope: Scope) -> str:
    profile = _profile_for(session, attachment_id, scope, Right.SUPERVISE)
    rows.remove(session, [attachment_id])
    session.add(
        Audit(
            profile=profile,
            at=utc_now(),
            actor=f"staff:{scope.staff_id}",
            action="remove_attachment",
            subject=attachment_id,
            detail={},
        )
    )
    return profile
