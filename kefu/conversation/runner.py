"""Runs turns: those of one conversation one after another, different conversations side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from cachetools import TTLCache

from kefu.conversation import leases, models, turn_request, turns, workers
from kefu.conversation.commands import Executors
from kefu.conversation.errors import TurnOvertaken
from kefu.conversation.live import Live
from kefu.conversation.turns import Held, TurnInput
from kefu.engine_client import (
    EngineFailed,
    EngineUnreachable,
    ModelMismatch,
    TurnResult,
)
from kefu.engines.pool import EnginePool
from kefu.errors import KefuError
from kefu.profiles import Profiles
from kefu.shop.gateway import ShopGateway, ShopUnavailable
from kefu.shop.model import Operation
from kefu.store.database import Database, DatabaseUnavailable

log = structlog.get_logger("kefu.turns")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the desk tries, all in seconds.

    ``pauses`` stand between counted tries. ``engine_restart`` is how long a turn waits for an
    engine that cannot be reached at all, asking every ``ask_again``.
    """

    lease: float = 15.0
    pauses: Sequence[float] = (0.5, 2.0)
    engine_restart: float = 60.0
    ask_again: float = 0.5
    shop: float = 3.0
    sweep: float = 2.0


class TurnRunner:
    """``wake`` a conversation after a message was accepted; a sweep finds what was left behind."""

    def __init__(
        self,
        *,
        database: Database,
        engine: EnginePool,
        shop: ShopGateway,
        profiles: Profiles,
        live: Live,
        executors: Executors,
        token_key: bytes,
        models_dir: Path,
        patience: Patience,
        at_once: int = 32,
    ) -> None:
        self.worker = workers.new_name()
        self._database = database
        self._engine = engine
        self._shop = shop
        self._profiles = profiles
        self._live = live
        self._executors = executors
        self._token_key = token_key
        self._models_dir = models_dir
        self._seen_model: str | None = None
        self._patience = patience
        self._slots = asyncio.Semaphore(at_once)
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._woken: set[str] = set()
        self._interrupted: set[str] = set()
        self._waiting = TTLCache[str, float](10_000, max(60.0, patience.engine_restart * 2))
        self._sweeping: asyncio.Task[None] | None = None
        self._stopped = False

    async def start(self) -> None:
        """Take over what dead desks of this machine held, then sweep for as long as it runs."""
        for worker in await self._database.read(leases.holders):
            if worker != self.worker and workers.is_dead(worker):
                await self._database.write(partial(leases.expire, worker=worker))
        self._sweeping = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Stop where it stands: any desk takes the turns up again."""
        self._stopped = True
        tasks = [*self._serving.values(), *([self._sweeping] if self._sweeping else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._database.write(partial(leases.give_back, worker=self.worker))
        except DatabaseUnavailable as error:
            log.warning("the leases run out by themselves", reason=error.code)

    def wake(self, conversation_id: str) -> None:
        """See to the conversation's unanswered messages, now or after its running turn."""
        if self._stopped:
            return
        self._woken.add(conversation_id)
        if conversation_id not in self._serving:
            self._serving[conversation_id] = asyncio.create_task(self._serve(conversation_id))

    async def _sweep(self) -> None:
        while True:
            try:
                found = await self._database.read(leases.needing_work)
                for conversation_id in {*found, *self._interrupted}:
                    if conversation_id not in self._serving:
                        self.wake(conversation_id)
            except DatabaseUnavailable as error:
                log.warning("turns wait for the database", reason=error.code)
            except Exception:
                log.exception("sweep failed")
            await asyncio.sleep(self._patience.sweep)

    async def _serve(self, conversation_id: str) -> None:
        self._interrupted.discard(conversation_id)
        try:
            while conversation_id in self._woken:
                self._woken.discard(conversation_id)
                while await self._step(conversation_id):
                    pass
        except DatabaseUnavailable as error:
            # The turn is still held by this desk: the next sweep goes on with it.
            self._interrupted.add(conversation_id)
            log.warning("turn interrupted", conversation_id=conversation_id, reason=error.code)
        except Exception:
            # The rows stand: the sweep takes the conversation up again once the lease is over.
            log.exception("turn interrupted", conversation_id=conversation_id)
        finally:
            del self._serving[conversation_id]
            self._woken.discard(conversation_id)

    async def _step(self, conversation_id: str) -> bool:
        """One try of one turn; ``False`` when the conversation needs nothing more from here."""
        # The slot comes before the lease: waiting for one must not use the other up.
        async with self._slots:
            begin = partial(
                turns.begin,
                conversation_id=conversation_id,
                worker=self.worker,
                lease=timedelta(seconds=self._patience.lease),
                ready=self._engine.ready,
            )
            taken = await self._database.write(begin)
            pause = await self._try(taken) if isinstance(taken, TurnInput) else None
        if isinstance(taken, Held) and taken.pausing:
            pause = taken.seconds + 0.005
        if pause:
            await asyncio.sleep(pause)
        return pause is not None

    async def _try(self, taken: TurnInput) -> float | None:
        """Work on a turn; how long this desk leaves the conversation to others then.

        ``None``: nothing waits in the conversation any more.
        """
        if taken.hopeless:
            await self._conclude(taken, taken.hopeless)
            return 0.0
        self._live.pass_by(taken.conversation_id, {"type": "typing", "from": "bot"})
        try:
            taken, result = await self._run(taken)
            more = await self._database.write(
                partial(
                    turns.commit,
                    taken=taken,
                    result=result,
                    executors=self._executors,
                    profile=self._profiles[taken.profile],
                )
            )
            if more is None:
                await self._conclude(taken, "overtaken")
            self._waiting.pop(taken.turn_id, None)
            return None if more is False else 0.0
        except EngineUnreachable as error:
            return await self._wait_for_engine(taken, error)
        except ModelMismatch as error:
            return await self._change_model(taken, error)
        except TurnOvertaken as error:
            log.warning("turn overtaken", turn_id=taken.turn_id, detail=error.detail)
        except EngineFailed as error:
            await self._fail(taken, error.reason, error.detail)
        except DatabaseUnavailable:
            raise
        except KefuError as error:
            await self._fail(taken, error.code, error.detail)
        except Exception as error:
            log.exception("turn broke", turn_id=taken.turn_id)
            await self._fail(taken, "internal_error", type(error).__name__)
        return 0.0

    async def _run(self, taken: TurnInput) -> tuple[TurnInput, TurnResult]:
        if taken.model is None:
            model = await self._present_model(taken)
            taken = await self._database.write(
                partial(turns.freeze_model, taken=taken, model=model)
            )
        request = turn_request.build(
            taken,
            self._profiles[taken.profile],
            self._token_key,
            timedelta(seconds=self._patience.lease),
        )
        return taken, await self._engine.turn(request)

    async def check_engines(self) -> None:
        """Raises ``EngineUnreachable`` unless turns can be run here."""
        if self._engine.ready is None:
            await self._see_model()
        else:
            await self._engine.check()

    async def _present_model(self, taken: TurnInput) -> str:
        """One that answers here now; raises ``EngineUnreachable``."""
        ready = self._engine.ready
        if ready is None:
            return await self._see_model()
        choose = partial(
            models.choose,
            profile=taken.profile,
            conversation_id=taken.conversation_id,
            ready=ready,
        )
        model = await self._database.read(choose)
        if model not in ready:
            raise EngineUnreachable("no engine is ready")
        return model

    async def _see_model(self) -> str:
        """Ask the only engine which model it holds and note it; raises ``EngineUnreachable``."""
        model = await self._engine.health()
        if model != self._seen_model:
            card = await asyncio.to_thread(models.read_card, self._models_dir, model)
            await self._database.write(partial(models.make_live, sha256=model, card=card))
            self._seen_model = model
        return model

    async def _wait_for_engine(self, taken: TurnInput, error: EngineUnreachable) -> float:
        """Let go of the turn for a while: another desk's engine may be well."""
        waited = time.monotonic() - self._waiting.setdefault(taken.turn_id, time.monotonic())
        if taken.attempt.bit_count() == 1:
            # Attempts 1, 2, 4, 8, …: a long wait shall not fill the log.
            log.warning("engine unreachable", turn_id=taken.turn_id, waited=round(waited, 1))
        if waited > self._patience.engine_restart:
            await self._conclude(taken, error.code)
            return 0.0
        await self._release(taken, error.code, 0.0, counts=False)
        return self._patience.ask_again

    async def _change_model(self, taken: TurnInput, error: ModelMismatch) -> float:
        """The model is gone. A turn without effects starts afresh on the one that is there."""
        done = await self._operations(taken.turn_id)
        if done != ():
            await self._conclude(taken, error.code)
            return 0.0
        try:
            model = await self._present_model(taken)
        except EngineUnreachable as unreachable:
            return await self._wait_for_engine(taken, unreachable)
        log.warning("model gone", turn_id=taken.turn_id, model=taken.model, instead=model)
        await self._fail(taken, error.code, error.detail, model=model)
        return 0.0

    async def _fail(
        self, taken: TurnInput, reason: str, detail: str, model: str | None = None
    ) -> None:
        failures = taken.failures + 1
        log.warning(
            "turn failed",
            turn_id=taken.turn_id,
            attempt=taken.attempt,
            failures=failures,
            reason=reason,
            detail=detail,
        )
        if failures >= turns.TRIES:
            await self._conclude(taken, reason)
            return
        pauses = self._patience.pauses
        pause = 0.0 if model else pauses[min(failures, len(pauses)) - 1]
        await self._release(taken, reason, pause, counts=True, model=model)

    async def _release(
        self, taken: TurnInput, error: str, pause: float, *, counts: bool, model: str | None = None
    ) -> None:
        await self._database.write(
            partial(
                turns.release,
                taken=taken,
                pause=timedelta(seconds=pause),
                error=error,
                counts=counts,
                model=model,
            )
        )

    async def _conclude(self, taken: TurnInput, error: str) -> None:
        self._waiting.pop(taken.turn_id, None)
        done = await self._operations(taken.turn_id)
        log.error("turn given up", turn_id=taken.turn_id, reason=error, effects=len(done or ()))
        await self._database.write(
            partial(turns.conclude, taken=taken, error=error, done=done, executors=self._executors)
        )

    async def _operations(self, turn_id: str) -> tuple[Operation, ...] | None:
        """What the turn did in the shop; ``None`` if the shop does not say in time."""
        try:
            async with asyncio.timeout(self._patience.shop):
                return await asyncio.to_thread(self._shop.operations, turn_id)
        except (ShopUnavailable, TimeoutError) as error:
            log.error("operations unknown", turn_id=turn_id, error=type(error).__name__)
            return None
