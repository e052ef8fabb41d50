"""What a file of conversations may hold, and how it is read: a mistake is told with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from kefu.profiles.source import NotYaml, Source, read
from tests.dialogues.services import Catalogue, Unknown
from tests.dialogues.shops import case_number

FOLDER = Path(__file__).parent
GUEST = "guest"

Profile = Literal["tp", "tpwallet", "tiktokshop", "tmall"]
World = Literal["usual", "read_only", "closed"]
State = Literal["bot", "waiting", "assigned", "closed"]
Unhappy = Literal[
    "subject change",
    "correction",
    "not this order",
    "two facts at once",
    "comes back later",
    "why",
    "old button",
    "nothing there",
    "forty orders",
    "gives up",
    "wrong code",
    "somebody else's order",
    "guest unproven",
    "guest wrong digits",
    "asked again and again",
    "second ticket",
    "closed hours",
    "read-only shop",
    "secret typed",
    "several requests",
    "gibberish",
    "insult",
    "leaves the queue",
    "refused by a rule",
    "not offered",
]


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], BeforeValidator(_listed)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


STEPS = ("say", "press", "press_old", "code", "resend", "back", "leave")


class Turn(Strict):
    """One thing that the shopper does, and what has to come of it.

    What the shopper does: ``say`` a text, ``press`` the newest button with such words in its title,
    ``press_old`` the oldest, enter a ``code`` (right, wrong, expired, or digits), have it sent
    again (``resend``), come ``back`` after having closed the page, ``leave`` the queue or the chat.

    What comes of it: ``action`` all of these actions or responses ran; ``says`` each of these
    stands in the answer, ``/…/`` being a regular expression; ``buttons`` each of these is in a
    button's title; ``cards`` a card of this type, or with these fields, is shown; ``event`` an
    event of this type came; ``refused`` the API refused it with this code; ``stored`` this must
    not have been kept anywhere; ``no_answer`` nothing is said; ``effect`` rows by table.
    """

    say: Text | None = None
    press: Text | None = None
    press_old: Text | None = None
    code: Text | None = None
    resend: Literal[True] | None = None
    back: Literal[True] | None = None
    leave: Literal["queue", "chat"] | None = None

    action: Texts = []
    not_action: Texts = []
    says: Texts = []
    not_says: Texts = []
    buttons: Texts = []
    no_buttons: Texts = []
    cards: Annotated[list[Text | dict[str, Any]], BeforeValidator(_listed)] = []
    no_cards: Literal[True] | None = None
    state: State | None = None
    event: Text | None = None
    refused: Text | None = None
    stored: Text | None = None
    no_answer: Literal[True] | None = None
    effect: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one_step(self) -> Turn:
        if len(self.step) != 1:
            raise ValueError(f"a turn has exactly one of {', '.join(STEPS)}")
        if not self.model_fields_set - set(STEPS):
            raise ValueError("a turn expects something")
        return self

    @model_validator(mode="after")
    def _sound_patterns(self) -> Turn:
        for text in (*self.says, *self.not_says):
            if is_pattern(text):
                _compile(text[1:-1])
        return self

    @property
    def step(self) -> list[str]:
        return [name for name in STEPS if getattr(self, name) is not None]


class Conversation(Strict):
    """``shopper`` is a demo account's id, or ``guest``; ``owner`` whose orders a guest speaks of.

    ``services`` are names of ``services.yml``; ``world`` is the kind of Kefu that it runs on.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9 ,'-]{5,90}$")]
    shopper: Annotated[str, Field(pattern=r"^(guest|[a-z]\d{4})$")]
    owner: Annotated[str, Field(pattern=r"^[a-z]\d{4}$")] | None = None
    context: dict[str, str] = {}
    services: Annotated[list[str], Field(min_length=1)]
    unhappy: Unhappy | None = None
    world: World = "usual"
    turns: Annotated[list[Turn], Field(min_length=1)]

    @property
    def account(self) -> str | None:
        """The demo account that it needs."""
        return self.owner or (None if self.shopper == GUEST else self.shopper)

    @property
    def writes(self) -> bool:
        """Whether something is done in the shop."""
        return any(turn.effect.get("operations") for turn in self.turns)


class File(Strict):
    profile: Profile
    conversations: Annotated[list[Conversation], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation and where it stands."""

    path: Path
    line: int
    turn_lines: tuple[int, ...]
    profile: str
    conversation: Conversation

    @property
    def key(self) -> str:
        return f"{self.profile}/{self.path.stem}: {self.conversation.name}"


class ScriptInvalid(Exception):
    """Each of ``mistakes`` is ``file:line: key: mistake``."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def _compile(pattern: str) -> None:
    """Raises ``ValueError``. Variables are filled in later: their braces are no repetition."""
    try:
        re.compile(re.sub(r"\$\{[^}]*\}", "x", pattern))
    except re.error as error:
        raise ValueError(f"the pattern {pattern}: {error}") from error


def is_pattern(text: str) -> bool:
    return len(text) > 2 and text.startswith("/") and text.endswith("/")


def read_file(path: Path, catalogue: Catalogue) -> list[Script]:
    """The conversations of a file; raises ``ScriptInvalid``."""
    try:
        source = read(path)
    except NotYaml as error:
        raise ScriptInvalid(f"{path}:{error.line}: {error.reason}") from error
    try:
        file = File.model_validate(source.content)
    except ValidationError as error:
        raise ScriptInvalid(*_findings(path, source, error)) from error
    mistakes = list(_mistakes(path, source, file, catalogue))
    if mistakes:
        raise ScriptInvalid(*mistakes)
    return [
        Script(
            path,
            source.line(["conversations", index]),
            tuple(
                source.line(["conversations", index, "turns", turn])
                for turn in range(len(each.turns))
            ),
            file.profile,
            each,
        )
        for index, each in enumerate(file.conversations)
    ]


def read_all(catalogue: Catalogue, folder: Path = FOLDER) -> list[Script]:
    """All conversations; raises ``ScriptInvalid`` with the mistakes of all files."""
    scripts: list[Script] = []
    mistakes: list[str] = []
    for path in sorted(folder.glob("*/*.yml")):
        try:
            scripts += read_file(path, catalogue)
        except ScriptInvalid as error:
            mistakes += error.mistakes
    if mistakes:
        raise ScriptInvalid(*mistakes)
    return scripts


def _findings(path: Path, source: Source, error: ValidationError) -> list[str]:
    found: list[str] = []
    for item in error.errors(include_url=False, include_input=False):
        place = [part for part in item["loc"] if not (isinstance(part, str) and "[" in part)]
        found.append(f"{path}:{source.line(place)}: {_dotted(place)}: {item['msg']}")
    return found


def _mistakes(path: Path, source: Source, file: File, catalogue: Catalogue) -> list[str]:
    """What the schema alone does not see."""
    found: list[str] = []
    if path.parent.name != file.profile:
        line = source.line(["profile"])
        found.append(f"{path}:{line}: profile: the folder is {path.parent.name}")
    names: set[str] = set()
    for index, each in enumerate(file.conversations):
        place: list[str | int] = ["conversations", index]
        if each.name in names:
            line = source.line([*place, "name"])
            found.append(f"{path}:{line}: name: stands here twice")
        names.add(each.name)
        if each.account:
            try:
                case_number(file.profile, each.account)
            except LookupError as unknown:
                found.append(f"{path}:{source.line(place)}: {unknown}")
        for number, service in enumerate(each.services):
            try:
                catalogue[service]
            except Unknown as unknown:
                line = source.line([*place, "services", number])
                found.append(f"{path}:{line}: services: {unknown}")
    return found


def _dotted(place: list[str | int]) -> str:
    return ".".join(str(part) for part in place) or "(file)"
