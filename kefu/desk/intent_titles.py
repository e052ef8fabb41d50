"""What people at the desk read for each intent."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from kefu import intents
from kefu.conversation.models import card_of_live
from kefu.intents import Intents


def known(session: Session, profiles: Iterable[str]) -> Intents:
    """The project's own, and what trainers have made of them in the models that are live."""
    found = intents.shipped()
    for profile in profiles:
        found = found.under(intents.of_card(card_of_live(session, profile)))
    return found
