"""What an account's owner does with it, once a code has proved who that is."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kefu.shop import recipient
from kefu.shop.account_rules import membership_of, unlock_verdict
from kefu.shop.effects import Effect
from kefu.shop.gateway import RuleRefused
from kefu.shop.mapping import account_value, mask_phone
from kefu.shop.model import Account, TurnRef, Verdict, Viewer
from kefu.shop.people import Membership, ResetLink
from kefu.shop.policy import ShopPolicy
from kefu.shop.queries import find_account, is_key
from kefu.shop.schema import AccountRow
from kefu.shop.service_tables import MembershipRow, PasswordResetRow

ACCOUNT_NOT_FOUND = Verdict(
    False, "account_not_found", "没有找到这个账号，请您核对后再试，或联系人工客服。"
)
_PHONE_TAKEN = Verdict(
    False, "phone_taken", "这个手机号已经绑定了其他账号，请换一个号码，或联系人工客服处理。"
)


def find_membership(session: Session, viewer: Viewer, policy: ShopPolicy) -> Membership | None:
    account = find_account(session, viewer)
    if account is None:
        return None
    row = session.get(MembershipRow, {"profile": viewer.profile, "account_id": account.account_id})
    found = membership_of(
        account.member_level, row.growth if row else 0, row.points if row else 0, policy.levels
    )
    return replace(found, renews_at=row.renews_at, auto_renew=row.auto_renew) if row else found


def unlock_account(session: Session, profile: str, account_id: str, turn: TurnRef) -> Account:
    """The account, unlocked now or by this turn before; one that is not locked stays as it is.

    Runs inside one write transaction, like all here. Raises ``RuleRefused``.
    """
    effect = Effect(Viewer(profile, account_id), turn, "unlock_account", account_id, {}, Account)
    row = _lock(session, profile, account_id)
    done = effect.replay(session)
    if done is not None:
        return done
    if row is None:
        raise RuleRefused(ACCOUNT_NOT_FOUND)
    verdict = unlock_verdict(account_value(row))
    if not verdict.allowed:
        raise RuleRefused(verdict)
    if row.locked:
        row.locked, row.lock_reason, row.locked_until = False, None, None
        effect.notify(session, "account_unlocked")
    return effect.record(session, account_value(row))


def start_password_reset(
    session: Session, profile: str, account_id: str, turn: TurnRef, policy: ShopPolicy
) -> ResetLink:
    """A link for a new password, good for as long as the policy says; earlier links die.

    The database keeps only the hash of a link's token. So the same turn, asking again, gets
    another token with the same end, and both links work: a repeat cannot kill the one shown.
    """
    effect = Effect(
        Viewer(profile, account_id), turn, "start_password_reset", account_id, {}, ResetLink
    )
    row = _lock(session, profile, account_id)
    done = effect.replay(session)
    if row is None:
        raise RuleRefused(ACCOUNT_NOT_FOUND)
    token = secrets.token_urlsafe(32)
    expires_at = done.expires_at if done else turn.now + timedelta(minutes=policy.reset_minutes)
    if done is None:
        session.execute(
            delete(PasswordResetRow).where(
                PasswordResetRow.profile == profile, PasswordResetRow.account_id == account_id
            )
        )
        effect.notify(session, "password_reset_started")
        effect.record(session, ResetLink(url="", expires_at=expires_at))
    session.add(
        PasswordResetRow(
            profile=profile,
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            account_id=account_id,
            expires_at=expires_at,
            used_at=None,
        )
    )
    return ResetLink(policy.reset_url.replace("{token}", token), expires_at)


def change_phone(
    session: Session, profile: str, account_id: str, turn: TurnRef, phone: str
) -> Account:
    """The account with another phone bound."""
    number = recipient.tidy_phone(phone)
    effect = Effect(
        Viewer(profile, account_id), turn, "change_phone", account_id, {"phone": number}, Account
    )
    row = _lock(session, profile, account_id)
    done = effect.replay(session)
    if done is not None:
        return done
    if row is None:
        raise RuleRefused(ACCOUNT_NOT_FOUND)
    verdict = recipient.phone_verdict(number, mobile_only=True)
    if not verdict.allowed:
        raise RuleRefused(verdict)
    if _is_bound_elsewhere(session, profile, account_id, number):
        raise RuleRefused(_PHONE_TAKEN)
    effect.notify(session, "phone_changed", old=mask_phone(row.phone), new=mask_phone(number))
    row.phone = number
    return effect.record(session, account_value(row))


def _lock(session: Session, profile: str, account_id: str) -> AccountRow | None:
    if not (is_key(profile) and is_key(account_id)):
        return None
    return session.scalar(
        select(AccountRow)
        .where(AccountRow.profile == profile, AccountRow.account_id == account_id)
        .with_for_update()
    )


def _is_bound_elsewhere(session: Session, profile: str, account_id: str, phone: str) -> bool:
    others = session.scalar(
        select(func.count())
        .select_from(AccountRow)
        .where(
            AccountRow.profile == profile,
            AccountRow.phone == phone,
            AccountRow.account_id != account_id,
        )
    )
    return bool(others)
