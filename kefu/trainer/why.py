"""Why a message was read as it was."""

from __future__ import annotations

import asyncio
from typing import Any

from kefu.engine_client import EngineFailed, EngineUnreachable
from kefu.engines.pool import EnginePool
from kefu.trainer.training_data import TrainingData

_LEAST_ALIKE = 0.2
_NEIGHBOURS = 3


async def explanation(engine: EnginePool, data: TrainingData, text: str) -> dict[str, Any]:
    """``{model, intent, evidence, neighbours}``: by the engine, or without one only the utterances
    that are spelled most alike."""
    try:
        return await engine.explain(text)
    except (EngineUnreachable, EngineFailed):
        corpus = await asyncio.to_thread(data.current)
        near = await asyncio.to_thread(corpus.near, text, _LEAST_ALIKE)
        neighbours = [
            {"text": one.plain, "intent": one.intent, "similarity": round(likeness, 4)}
            for one, likeness in near[:_NEIGHBOURS]
        ]
        return {"model": None, "intent": None, "evidence": [], "neighbours": neighbours}
