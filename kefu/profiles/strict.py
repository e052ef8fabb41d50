"""What all parts of a profile have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Unknown keys are mistakes, values are not converted, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
