"""Which model answers when Kefu starts."""

from __future__ import annotations

from functools import partial

import structlog

from kefu.conversation import models
from kefu.engine_process import train_if_changed
from kefu.engines.wanted import wanted
from kefu.profiles import load_profiles
from kefu.settings import Settings
from kefu.store.database import Database

log = structlog.get_logger("kefu.engines")


def settle_model(settings: Settings) -> None:
    """See to it that there is a live model, its archive at hand; the database must be migrated.

    Once somebody has promoted or rolled back, a start leaves their choice alone, and trains
    nothing. Until then it makes the model of the present inputs live, trained now if need be.
    Raises ``EngineCommandFailed``.
    """
    database = Database(settings.desk_database)
    try:
        decided = database.read_now(models.decided_by_people)
        lacking = _without_archive(settings, database) if decided else []
        if decided and not lacking:
            return
        sha256 = train_if_changed(settings)
        if lacking:
            log.error("live model is not in the store, another one answers", missing=lacking)
        card = models.read_card(settings.models_dir, sha256)
        database.write_now(partial(models.make_live, sha256=sha256, card=card))
    finally:
        database.close()


def _without_archive(settings: Settings, database: Database) -> list[str]:
    names = [profile.profile for profile in load_profiles(settings.profiles_dir)]
    live = database.read_now(partial(wanted, profiles=names)).live
    return [each for each in live if not (settings.models_dir / f"{each}.tar.gz").is_file()]
