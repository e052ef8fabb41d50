"""The brands as a turn's claims have them: with what supervisors changed of the groups."""

from __future__ import annotations

from cachetools import LRUCache

from actions.turn import current_claims
from kefu.profiles import Profile, Profiles
from kefu.profiles.overlay import overlaid


class Brands(Profiles):
    """The profiles of the files; in a turn its own brand is as its claims say."""

    def __init__(self, profiles: Profiles) -> None:
        super().__init__(list(profiles))
        self._overlaid: LRUCache[str, Profile] = LRUCache(64)

    def __getitem__(self, name: str) -> Profile:
        profile = super().__getitem__(name)
        claims = current_claims.get(None)
        if claims is None or claims.profile != name or not claims.groups:
            return profile
        key = repr((name, claims.groups))
        found = self._overlaid.get(key)
        if found is None:
            found = self._overlaid[key] = overlaid(profile, claims.groups)
        return found
