"""Service profiles: one file per brand with its voice, its people and hours, and its rules."""

from __future__ import annotations

from kefu.profiles.errors import ProfileInvalid, ProfileNotFound
from kefu.profiles.groups import Group, SellerService
from kefu.profiles.hours import Hours
from kefu.profiles.loading import Profiles, load_profiles
from kefu.profiles.profile import Channel, Identity, Profile, QuickEntry, Theme
from kefu.profiles.webhook import WebhookChannel

__all__ = [
    "Channel",
    "Group",
    "Hours",
    "Identity",
    "Profile",
    "ProfileInvalid",
    "ProfileNotFound",
    "Profiles",
    "QuickEntry",
    "SellerService",
    "Theme",
    "WebhookChannel",
    "load_profiles",
]
