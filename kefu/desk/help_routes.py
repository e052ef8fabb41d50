"""The agents' API: help articles, suggestions, and names to choose from."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from kefu.channels.shopper import InRuntime
from kefu.desk import colleagues, intent_titles, limits, tags
from kefu.desk.access import InMember, InScope
from kefu.desk.canned_routes import ProfileName
from kefu.handoff import skills
from kefu.handoff.skills import LEADING_ROLES, SERVING_ROLES

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])

ARTICLES = 8


class Articles(BaseModel):
    articles: list[dict[str, Any]]


class Suggestions(BaseModel):
    suggestions: list[dict[str, Any]]


class Tags(BaseModel):
    tags: list[str]


class Intent(BaseModel):
    """``typed``: a shopper's words may mean it."""

    name: str
    title: str
    typed: bool


class Profiles(BaseModel):
    profiles: list[dict[str, Any]]


@router.get("/articles")
async def search_articles(
    runtime: InRuntime,
    scope: InScope,
    profile: ProfileName,
    q: Annotated[str, Query(max_length=200)] = "",
) -> Articles:
    """Help articles that fit the words, best first; without words the profile's own first."""
    scope.require_role(profile, SERVING_ROLES)
    await limits.spend(runtime.rates, limits.LOOK_UPS, scope.member)
    if not q.strip():
        shelf = runtime.library.articles(profile)[: 2 * ARTICLES]
        return Articles(
            articles=[
                {
                    "article": each.slug,
                    "title": each.title,
                    "section": "",
                    "passage": each.sections[0].text[:200],
                    "url": f"/help/{profile}/{each.slug}",
                }
                for each in shelf
            ]
        )
    found = await asyncio.to_thread(runtime.library.search, profile, q, ARTICLES)
    return Articles(
        articles=[
            {
                "article": each.slug,
                "title": each.title,
                "section": each.section,
                "passage": each.text,
                "url": each.link,
            }
            for each in found
        ]
    )


@router.get("/conversations/{conversation_id}/suggestions")
async def suggest(conversation_id: str, runtime: InRuntime, scope: InScope) -> Suggestions:
    """What could be answered to the shopper's last question. Asking changes nothing."""
    await limits.spend(runtime.rates, limits.SUGGESTIONS, scope.member)
    return Suggestions(suggestions=await runtime.suggester.suggest(conversation_id, scope))


@router.get("/tags")
async def known_tags(runtime: InRuntime, scope: InScope, profile: ProfileName) -> Tags:
    """Tags of the profile's late talks, the most used first."""
    scope.require_role(profile, SERVING_ROLES)
    return Tags(tags=await runtime.database.read(partial(tags.known, profile=profile, scope=scope)))


@router.get("/intents")
async def intents(runtime: InRuntime, scope: InScope) -> list[Intent]:
    """What each intent is called; among those ``typed`` is what a shopper may have meant."""
    scope.require_any(SERVING_ROLES)
    served = [each.profile for each in runtime.profiles if scope.serves(each.profile)]
    known = await runtime.database.read(partial(intent_titles.known, profiles=served))
    typed = known.typed
    return [
        Intent(name=name, title=title, typed=name in typed) for name, title in known.titles.items()
    ]


@router.get("/colleagues")
async def list_colleagues(runtime: InRuntime, scope: InScope) -> list[colleagues.Colleague]:
    """Who serves the same profiles, for mentions, invitations and transfers."""
    scope.require_any(SERVING_ROLES)
    return await runtime.database.read(partial(colleagues.listing, scope=scope))


@router.get("/profiles")
async def own_profiles(runtime: InRuntime, member: InMember) -> Profiles:
    """The profiles in which the member has a role, with their groups.

    ``leads``: whether the member is a supervisor or administrator there.
    """
    held = [each for each in runtime.profiles if member.roles_in(each.profile)]
    return Profiles(
        profiles=[
            {
                "profile": each.profile,
                "brand": each.brand,
                "leads": bool(skills.held(member.roles, each.profile) & LEADING_ROLES),
                "groups": [{"group": one.group, "name": one.name} for one in each.groups],
            }
            for each in held
        ]
    )
