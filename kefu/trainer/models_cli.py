"""``kefu trainer``: models, promotion, canaries, thresholds and the watch on the command line."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from kefu.conversation.models import live_model
from kefu.engines.wanted import hosts
from kefu.store.database import utc_now
from kefu.store.tables import EVERY_PROFILE, Document
from kefu.trainer import canary, model_rows, promotion, thresholds, vocabulary, watch
from kefu.trainer.bench import Bench, By, bench, print_json

app = typer.Typer(no_args_is_help=True, help="Promote and watch models.")

Model = Annotated[str, typer.Argument(help="The model's sha256, or how it begins.")]
Profile = Annotated[str, typer.Argument(help="The brand's name.")]
Reason = Annotated[str, typer.Option(help="Why, for the history.")]


@app.command("models")
def list_models(
    model: Annotated[str | None, typer.Argument(help="One model: its whole card.")] = None,
) -> None:
    """All trained models, the newest first, and where they are live."""
    with bench() as at:
        names = [*(each.profile for each in at.profiles), EVERY_PROFILE]
        found = at.database.read_now(partial(model_rows.listing, profiles=names))
        for one in found:
            path = at.settings.models_dir / f"{one['sha256']}.tar.gz"
            one["archive_present"] = path.is_file()
        if model:
            sha256 = at.database.read_now(partial(model_rows.named, beginning=model))
            print_json(next(one for one in found if one["sha256"] == sha256))
        else:
            print_json([{n: each for n, each in one.items() if n != "card"} for one in found])


@app.command()
def promote(
    candidate: Model, profile: list[str] | None = None, reason: Reason = "", by: By = ""
) -> None:
    """Make a model live in the profiles named with --profile, or in all of them."""
    with bench() as at:
        names = [at.profiles[name].profile for name in profile or ()]
        names = names or [*(each.profile for each in at.profiles), EVERY_PROFILE]
        move = partial(
            promotion.promote, sha256=_archived(at, candidate), profiles=names, by=at.actor(by),
            reason=reason,
        )  # fmt: skip
        print_json([promotion.change_as_json(change) for change in at.database.write_now(move)])


@app.command()
def rollback(profile: Profile, reason: Reason = "", by: By = "") -> None:
    """Make the model live again that was before."""
    with bench() as at:
        name = at.profiles[profile].profile
        previous = at.database.read_now(partial(promotion.previous_model, profile=name))
        if previous:
            promotion.check_archive(at.settings.models_dir, previous)
        move = partial(promotion.roll_back, profile=name, by=at.actor(by), reason=reason)
        print_json(promotion.change_as_json(at.database.write_now(move)))


@app.command("canary")
def start_canary(
    candidate: Model,
    profile: Profile,
    share: Annotated[float, typer.Option(min=0, max=1)] = 0.1,
    by: By = "",
) -> None:
    """Let a model answer a share (0 to 1) of the profile's conversations; 0 stops it."""
    with bench() as at:
        name, actor = at.profiles[profile].profile, at.actor(by)
        if share == 0:
            sha256 = at.database.read_now(partial(model_rows.named, beginning=candidate))
            move = partial(canary.stop, profile=name, by=actor, sha256=sha256)
        else:
            sha256 = _archived(at, candidate)
            move = partial(canary.start, sha256=sha256, profile=name, share=share, by=actor)
        print_json(promotion.change_as_json(at.database.write_now(move)))


@app.command()
def live() -> None:
    """What is live where, what was, the canaries and the hosts."""
    with bench() as at:
        names = [each.profile for each in at.profiles]

        def read(session: Session) -> Document:
            return {
                "live": {name: live_model(session, name) for name in names},
                "previous": {name: promotion.previous_model(session, name) for name in names},
                "canaries": canary.running(session, names),
                "history": promotion.history(session, names),
                "hosts": hosts(session),
            }

        print_json(at.database.read_now(read))


@app.command()
def threshold(
    profile: Profile,
    answer: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    clarify: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    clear: bool = False,
    by: By = "",
) -> None:
    """Show the profile's threshold, set it with --answer, or give it back with --clear."""
    with bench() as at:
        found = at.profiles[profile]
        if clear:
            move = partial(thresholds.clear, profile=found.profile, by=at.actor(by))
            at.database.write_now(move)
        elif answer is not None:
            put = partial(thresholds.put, profile=found.profile, answer=answer, clarify=clarify)
            at.database.write_now(partial(put, by=at.actor(by)))
        print_json(at.database.read_now(partial(thresholds.describe, profile=found)))


@app.command("watch")
def watched(profile: Profile, days: Annotated[int, typer.Option(min=2)] = 35) -> None:
    """How the live bot does in the profile."""
    with bench() as at:
        found, now = at.profiles[profile], utc_now()
        since = now - timedelta(days=days)
        read = partial(watch.heard, profile=found.profile, since=since)
        turns = at.database.read_now(read)
        cache = at.settings.home / "cache" / "jieba"
        cutter = vocabulary.open_tokenizer(at.settings.workspace, cache)
        print_json(watch.summary(turns, now, cutter, found.known_numbers))


def _archived(at: Bench, beginning: str) -> str:
    """The whole name of a model whose archive is in the store."""
    sha256 = at.database.read_now(partial(model_rows.named, beginning=beginning))
    promotion.check_archive(at.settings.models_dir, sha256)
    return sha256
