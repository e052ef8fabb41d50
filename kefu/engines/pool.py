"""The desk's way to the engines: each turn goes to the one that holds its model."""

from __future__ import annotations

import asyncio
from typing import Any

from kefu.engine_client import EngineClient, EngineUnreachable, ModelMismatch, TurnResult
from kefu.engines.directory import Directory, EngineState, Listed
from kefu.settings import Settings

SERVING = frozenset({EngineState.READY, EngineState.DRAINING})


class EnginePool:
    """Keeps a client for each engine of the directory.

    Where nobody keeps engines it speaks to the one at ``url``, whatever its model.
    """

    def __init__(self, directory: Directory, url: str, secret: str, deadline: float) -> None:
        self._directory = directory
        self._secret = secret
        self._deadline = deadline
        self._url = url
        self._clients: dict[str, EngineClient] = {}

    @classmethod
    def of(cls, settings: Settings) -> EnginePool:
        """The way to the engines of the desk with these settings."""
        return cls(
            Directory.of(settings),
            settings.engine_url,
            settings.derive_key("engine").hex(),
            settings.engine_deadline,
        )

    @property
    def ready(self) -> frozenset[str] | None:
        """The models on which a new turn may begin; ``None`` where nobody keeps engines."""
        engines = self._directory.read()
        if engines is None:
            return None
        return frozenset(
            sha256 for sha256, one in engines.items() if one.state is EngineState.READY
        )

    async def turn(self, request: dict[str, Any]) -> TurnResult:
        """Run one turn; raises ``EngineUnreachable``, ``ModelMismatch`` or ``EngineFailed``."""
        engines = self._directory.read()
        if engines is None:
            return await self._client(self._url).turn(request)
        if not engines:
            raise EngineUnreachable("no engine is kept at the moment")
        listed = engines.get(str(request["model"]))
        if listed is None:
            raise ModelMismatch("model_mismatch", "no engine of this host has the model")
        if listed.state not in SERVING:
            raise EngineUnreachable(f"the engine is {listed.state}")
        return await self._client(listed.url).turn(request)

    async def parse(self, request: dict[str, Any], model: str | None = None) -> dict[str, Any]:
        """How a text is understood by ``model`` or, without it, by any that serves.

        Raises as ``turn``.
        """
        return await self._serving(model).parse(request)

    async def explain(self, text: str, model: str | None = None) -> dict[str, Any]:
        """Why ``model``, or any that serves, reads a text as it does; raises as ``turn``."""
        return await self._serving(model).explain(text)

    def _serving(self, model: str | None) -> EngineClient:
        engines = self._directory.read()
        if engines is None:
            return self._client(self._url)
        serving = {sha256: one for sha256, one in engines.items() if one.state in SERVING}
        listed = serving.get(model or "") or next(iter(serving.values()), None)
        if listed is None:
            raise EngineUnreachable("no engine is ready")
        return self._client(listed.url)

    async def health(self) -> str:
        """The model of the only engine, where nobody keeps them; raises ``EngineUnreachable``."""
        return await self._client(self._url).health()

    async def check(self) -> None:
        """Raises ``EngineUnreachable`` unless there are engines and all that shall serve do."""
        serving = {
            sha256: one
            for sha256, one in (self._directory.read() or {}).items()
            if one.state is EngineState.READY
        }
        if not serving:
            raise EngineUnreachable("no engine is ready")
        await asyncio.gather(*(self._check_one(*each) for each in serving.items()))

    async def _check_one(self, sha256: str, listed: Listed) -> None:
        if await self._client(listed.url).health() != sha256:
            raise EngineUnreachable("the engine holds another model")

    def _client(self, url: str) -> EngineClient:
        if url not in self._clients:
            self._clients[url] = EngineClient(url, self._secret, self._deadline)
        return self._clients[url]

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self._clients.values()))
