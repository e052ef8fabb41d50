"""A talk through whole forms, turn by turn, as Rasa's form would lead it by the domain."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.unit.actions.conftest import Answer, Bot

ROOT = Path(__file__).parents[3]


def _load(path: Path) -> Any:
    yaml: Any = YAML(typ="safe")
    return yaml.load(path)


def _rules() -> dict[str, str]:
    """What answers each intent, and (by the form's name) what follows each form."""
    found: dict[str, str] = {}
    for file in (ROOT / "data" / "rules").glob("*.yml"):
        for rule in _load(file)["rules"]:
            first, last = rule["steps"][0], rule["steps"][-1]
            found[first.get("intent") or first["action"]] = last["action"]
    return found


FORMS: dict[str, Any] = _load(ROOT / "domain.yml")["forms"]
RULES = _rules()


@dataclass
class Talk:
    """``says`` and ``press`` are one turn each; what was answered is kept for the next press."""

    bot: Bot
    turns: int = 0
    last: Answer = field(default_factory=lambda: Answer([], []))

    def says(self, text: str, intent: str = "inform", **entities: str) -> Answer:
        self.bot.hears(text, intent, (), **entities)
        return self._turn(intent)

    def press(self, title: str) -> Answer:
        """Press the button of the last answer whose title holds ``title``."""
        return self.press_payload(
            next(each["payload"] for each in self.last.buttons if title in each["title"])
        )

    def press_payload(self, payload: str) -> Answer:
        intent, _, data = payload.removeprefix("/").partition("{")
        entities: dict[str, str] = json.loads("{" + data) if data else {}
        self.bot.hears("", intent, (), **entities)
        return self._turn(intent)

    def _turn(self, intent: str) -> Answer:
        self.turns += 1
        self.bot.turn_id = f"turn-{self.turns}"
        answers = list(self._run(intent))
        self.last = Answer(
            [each for answer in answers for each in answer.responses],
            [each for answer in answers for each in answer.events],
        )
        self._remember()
        return self.last

    def _run(self, intent: str) -> list[Answer]:
        if self.bot.form:
            taken = self._validate(self.bot.form)
            if taken is not None:
                return taken
            self.bot.events.append({"event": "action_execution_rejected", "name": self.bot.form})
        rule = RULES[intent]
        if rule.startswith("utter_"):
            return self._back([])
        return self._follow([self.bot.runs(rule)])

    def _follow(self, answers: list[Answer]) -> list[Answer]:
        """Go on with the form that an action asks for, or back into the one that is open."""
        wanted = answers[-1].followup
        if any(each["event"] == "active_loop" for each in answers[-1].events):
            self.bot.form = None
        if wanted in FORMS and wanted != self.bot.form:
            self.bot.form = wanted
            self.bot.slots["requested_slot"] = None
            return [*answers, *(self._validate(wanted) or [])]
        return self._back(answers)

    def _back(self, answers: list[Answer]) -> list[Answer]:
        if self.bot.form:
            answers.append(self._ask(self.bot.form))
        return answers

    def _validate(self, form: str) -> list[Answer] | None:
        """``None``: the form has no use for the message."""
        starting = self.bot.slots.get("requested_slot") is None
        answer = self.bot.runs(f"validate_{form}")
        slots = answer.slots
        if not starting and not set(slots) - {"requested_slot"}:
            return None
        ended = "requested_slot" in slots and slots["requested_slot"] is None
        if ended or self._next(form) is None:
            self.bot.form, self.bot.slots["requested_slot"] = None, None
            return self._follow([answer, self.bot.runs(RULES[form])])
        return [answer, self._ask(form)]

    def _ask(self, form: str) -> Answer:
        slot = self._next(form)
        self.bot.slots["requested_slot"] = slot
        return self.bot.runs(f"action_ask_{form}_{slot}")

    def _next(self, form: str) -> str | None:
        required: list[str] = FORMS[form]["required_slots"]
        return next((slot for slot in required if self.bot.slots.get(slot) is None), None)

    def _remember(self) -> None:
        """As the engine does, keep what the bot said for the next turn."""
        for each in self.last.responses:
            self.bot.events.append(
                {"event": "bot", "text": each["text"], "data": {"buttons": each["buttons"]}}
            )
