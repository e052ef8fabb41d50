"""``python -m tests.dialogues.report``: which conversations hold which service, as Markdown.

The exit status is 1 if a service has none, or if there are fewer conversations than agreed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.dialogues.format import Script, ScriptInvalid, read_all
from tests.dialogues.services import PROFILES, Catalogue, Service, load_catalogue

AT_LEAST = 150
UNHAPPY_AT_LEAST = 30
PER_PROFILE_AT_LEAST = 25


@dataclass(frozen=True, slots=True)
class Coverage:
    """The conversations and the services that they are about."""

    catalogue: Catalogue
    scripts: Sequence[Script]

    def count(self, service: Service, profile: str) -> int:
        return sum(
            script.profile == profile and service.name in script.conversation.services
            for script in self.scripts
        )

    def gaps(self) -> list[str]:
        """What is promised and held by no conversation; empty if all is."""
        found: list[str] = []
        for service in self.catalogue:
            if not any(self.count(service, profile) for profile in PROFILES):
                found.append(f"{service.name}: no conversation")
            found += [
                f"{service.name}: promised by {profile}, no conversation there"
                for profile in service.promised
                if not self.count(service, profile)
            ]
        return found

    def shortages(self) -> list[str]:
        """Where there are fewer conversations than agreed."""
        per_profile = Counter(script.profile for script in self.scripts)
        needed = [
            ("conversations", len(self.scripts), AT_LEAST),
            ("unhappy ways", self.unhappy, UNHAPPY_AT_LEAST),
            *((profile, per_profile[profile], PER_PROFILE_AT_LEAST) for profile in PROFILES),
        ]
        return [f"{what}: {found} of {least}" for what, found, least in needed if found < least]

    @property
    def unhappy(self) -> int:
        return sum(script.conversation.unhappy is not None for script in self.scripts)

    def as_markdown(self) -> str:
        head = ["Service", *PROFILES]
        lines = [_row(head), _row(["---", *("---:" for _ in PROFILES)])]
        for service in self.catalogue:
            counts = [self._cell(service, profile) for profile in PROFILES]
            lines.append(_row([f"{service.title} (`{service.name}`)", *counts]))
        return "\n".join([*lines, "", *self._figures()])

    def _cell(self, service: Service, profile: str) -> str:
        count = self.count(service, profile)
        if count:
            return str(count)
        return "**none**" if profile in service.promised else "–"

    def _figures(self) -> list[str]:
        per_profile = Counter(script.profile for script in self.scripts)
        kinds = Counter(
            script.conversation.unhappy
            for script in self.scripts
            if script.conversation.unhappy is not None
        )
        ways = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
        writing = sum(script.conversation.writes for script in self.scripts)
        return [
            f"{len(self.scripts)} conversations: "
            + ", ".join(f"{profile} {per_profile[profile]}" for profile in PROFILES)
            + ".",
            f"{self.unhappy} unhappy ways: {ways}.",
            f"{writing} change something in the shop and run over HTTP as well.",
        ]


def load_coverage() -> Coverage:
    """Raises ``ScriptInvalid``."""
    catalogue = load_catalogue()
    return Coverage(catalogue, read_all(catalogue))


def main() -> int:
    try:
        coverage = load_coverage()
    except ScriptInvalid as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(coverage.as_markdown() + "\n")
    missing = [*coverage.gaps(), *coverage.shortages()]
    for each in missing:
        sys.stderr.write(f"{each}\n")
    return 1 if missing else 0


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
