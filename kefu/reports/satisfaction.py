"""How shoppers found the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy.orm import Session

from kefu.ratings.asking import AGENT, BOT
from kefu.reports import rows
from kefu.reports.days import Days
from kefu.reports.extent import Extent
from kefu.reports.quantities import Share
from kefu.reports.rows import RatingRow
from kefu.store.base import Document

SATISFIED = 4
# In the words that shoppers choose them by.
REASONS = {
    "solved": "解决了问题",
    "quick": "回复很快",
    "clear": "讲得清楚",
    "friendly": "态度亲切",
    "unsolved": "问题没解决",
    "slow": "等待太久",
    "unclear": "回答看不懂",
    "impolite": "态度不好",
    "complicated": "操作太麻烦",
}
_NAMES = {BOT: "智能客服", AGENT: "人工客服"}


def report(session: Session, extent: Extent, days: Days, now: datetime) -> Document:
    """The bot's and the agents' ratings apart, the chosen reasons, and the share day by day."""
    given = rows.ratings(session, extent, days.period)
    chosen = Counter(chain.from_iterable(rows.reasons(session, extent, days.period)))
    daily = rows.ratings_by_day(session, extent, days.period)
    by_day = {day: Share(good, number) for day, number, good in daily}
    return {
        "satisfied": satisfied(given).document(),
        "served_by": by_server(given, [BOT, AGENT] if extent.whole else [AGENT]),
        "reasons": [
            {"reason": name, "title": REASONS.get(name, name), "n": number}
            for name, number in sorted(chosen.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        "days": [
            {"day": day, "satisfied": by_day.get(day, Share(0, 0)).document()}
            for day in map(str, days.each())
        ],
    }


def satisfied(ratings: Iterable[RatingRow]) -> Share:
    """Four or five stars, of all ratings given."""
    given = [row for row in ratings if row.stars is not None]
    good = sum(row.number for row in given if (row.stars or 0) >= SATISFIED)
    return Share(good, sum(row.number for row in given))


def by_server(ratings: Sequence[RatingRow], servers: Iterable[str]) -> list[Document]:
    """``stars``: how many gave one to five; ``mean`` is ``None`` where nobody gave any."""
    found: list[Document] = []
    for server in servers:
        mine = [row for row in ratings if row.served_by == server]
        stars = Counter[int]()
        for row in mine:
            if row.stars is not None:
                stars[row.stars] += row.number
        given = stars.total()
        total = sum(star * number for star, number in stars.items())
        found.append(
            {
                "served_by": server,
                "name": _NAMES[server],
                "asked": sum(row.number for row in mine),
                "given": Share(given, sum(row.number for row in mine)).document(),
                "satisfied": satisfied(mine).document(),
                "mean": round(total / given, 2) if given else None,
                "stars": [stars[star] for star in range(1, 6)],
            }
        )
    return found
