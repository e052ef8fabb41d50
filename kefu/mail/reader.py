"""Fetches the profiles' mailboxes. For each of them one desk does it for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from kefu.attachments.errors import (
    PictureBroken,
    PictureTooLarge,
    PictureTooManyPixels,
    PictureTypeRefused,
)
from kefu.attachments.keeping import Kept, PictureKeeper
from kefu.attachments.pictures import LARGEST_FILE
from kefu.conversation import workers
from kefu.errors import KefuError
from kefu.mail.errors import LetterUnreadable, MailboxInvalid
from kefu.mail.letter import Letter, read_letter
from kefu.mail.mailbox import Arrived, OpenMailbox, Place, open_mailbox
from kefu.mail.receiving import Received, receive
from kefu.profiles import Profile, Profiles
from kefu.store import leases
from kefu.store.database import Database, utc_now
from kefu.store.mail_tables import MailboxState
from kefu.store.tables import Audit

log = structlog.get_logger("kefu.mail")

EVERY = 20.0
REFUSED = (PictureTypeRefused, PictureBroken, PictureTooManyPixels, PictureTooLarge)
LEASE_LIFETIME = timedelta(minutes=5)
TOO_LARGE = "（邮件太大，没有取回。请到收信邮箱里查看。）"


@dataclass(frozen=True, slots=True)
class OwnMailbox:
    """A profile's mailbox and where it is."""

    profile: Profile
    place: Place

    @property
    def name(self) -> str:
        return self.profile.profile


class MailReader:
    """``run`` until it is cancelled. A mailbox that fails is tried again and holds up no other."""

    def __init__(
        self,
        database: Database,
        profiles: Profiles,
        pictures: PictureKeeper,
        *,
        holder: str,
        sent: Callable[[], None],
        every: float = EVERY,
    ) -> None:
        self._database = database
        self._pictures = pictures
        self._holder = holder
        self._sent = sent
        self._every = every
        self._mailboxes = list(mailboxes(profiles))
        self._reading = {each.name: asyncio.Lock() for each in self._mailboxes}

    async def run(self) -> None:
        if self._mailboxes:
            await asyncio.gather(*(self._follow(each) for each in self._mailboxes))

    async def _follow(self, mailbox: OwnMailbox) -> None:
        while True:
            try:
                if await self._holds_lease(mailbox):
                    await self.read(mailbox.name)
            except KefuError as error:
                log.warning("a mailbox waits", profile=mailbox.name, reason=error.code)
            except Exception:
                log.exception("a mailbox could not be read", profile=mailbox.name)
            await asyncio.sleep(self._every)

    async def read(self, profile: str) -> int:
        """Take in what has arrived for a profile; how many e-mails. Raises ``MailboxUnreachable``.

        What was committed stays, whatever comes after it.
        """
        mailbox = next(each for each in self._mailboxes if each.name == profile)
        try:
            async with self._reading[profile]:
                return await self._read(mailbox)
        except KefuError as error:
            await self._database.write(partial(_note, profile=profile, problem=error.code))
            raise

    async def _read(self, mailbox: OwnMailbox) -> int:
        taken = 0
        stack = open_mailbox(mailbox.place)
        box = await asyncio.to_thread(stack.__enter__)
        try:
            start = partial(_begin, profile=mailbox.name, uid_validity=box.uid_validity)
            last = await self._database.write(start)
            while arrived := await asyncio.to_thread(box.after, last):
                for each in arrived:
                    await self._take(mailbox, box, each)
                    last = each.uid
                    taken += 1
        finally:
            await asyncio.to_thread(stack.__exit__, None, None, None)
        return taken

    async def _take(self, mailbox: OwnMailbox, box: OpenMailbox, arrived: Arrived) -> None:
        try:
            letter = await asyncio.to_thread(_letter, arrived)
        except LetterUnreadable as error:
            work = partial(_leave_out, profile=mailbox.name, uid=arrived.uid, reason=error.detail)
            await self._database.write(work)
            log.warning("an e-mail cannot be read", profile=mailbox.name, uid=arrived.uid)
            return
        kept = await self._keep_pictures(mailbox.name, letter)
        work = partial(
            _take_in, profile=mailbox.profile, letter=letter, pictures=kept, uid=arrived.uid
        )
        received = await self._database.write(work)
        log.info("e-mail taken in", profile=mailbox.name, outcome=received.outcome)
        self._sent()
        await asyncio.to_thread(box.mark_seen, arrived.uid)

    async def _keep_pictures(self, profile: str, letter: Letter) -> list[Kept]:
        kept: list[Kept] = []
        for data in letter.pictures:
            try:
                kept.append(await self._pictures.keep(profile, partial(_already, data)))
            except REFUSED as error:
                log.info("a picture in an e-mail is refused", profile=profile, reason=error.code)
        return kept

    async def _holds_lease(self, mailbox: OwnMailbox) -> bool:
        take = partial(
            leases.take,
            name=f"mail {mailbox.name}"[:40],
            holder=self._holder,
            lifetime=LEASE_LIFETIME,
            is_dead=workers.is_dead,
        )
        return await self._database.write(take)


def mailboxes(profiles: Profiles) -> list[OwnMailbox]:
    """Those whose variable is set; raises ``MailboxInvalid``."""
    found: list[OwnMailbox] = []
    for profile in profiles:
        if profile.mailbox is None:
            continue
        try:
            place = Place.from_variable(profile.mailbox.url_env)
        except MailboxInvalid as error:
            raise MailboxInvalid(f"{profile.mailbox.url_env}: {error.detail}") from None
        if place:
            found.append(OwnMailbox(profile, place))
    return found


async def _already(data: bytes) -> bytes:
    """Raises ``PictureTooLarge``."""
    if len(data) > LARGEST_FILE:
        raise PictureTooLarge("a picture in an e-mail")
    return data


def _letter(arrived: Arrived) -> Letter:
    if arrived.raw:
        return read_letter(arrived.raw)
    return read_letter(arrived.headers + b"\r\n" + TOO_LARGE.encode())


def _begin(session: Session, profile: str, uid_validity: int) -> int:
    """The UID up to which it has been read; all of it is new where UIDs were dealt anew."""
    state = session.get(MailboxState, profile)
    if state is None:
        state = MailboxState(profile=profile, uid_validity=uid_validity, last_uid=0)
        session.add(state)
    elif state.uid_validity != uid_validity:
        state.uid_validity, state.last_uid = uid_validity, 0
    state.checked_at, state.problem = utc_now(), None
    return state.last_uid


def _note(session: Session, profile: str, problem: str) -> None:
    state = session.get(MailboxState, profile)
    if state:
        state.checked_at, state.problem = utc_now(), problem


def _take_in(
    session: Session, profile: Profile, letter: Letter, pictures: Sequence[Kept], uid: int
) -> Received:
    received = receive(session, profile, letter, pictures, utc_now())
    session.get_one(MailboxState, profile.profile).last_uid = uid
    return received


def _leave_out(session: Session, profile: str, uid: int, reason: str) -> None:
    session.get_one(MailboxState, profile).last_uid = uid
    session.add(
        Audit(
            profile=profile,
            at=utc_now(),
            actor="system",
            action="mail_unreadable",
            subject=f"uid {uid}",
            detail={"reason": reason},
        )
    )
