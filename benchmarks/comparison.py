"""How long a comparison on 10,000 messages takes: ``python -m benchmarks.comparison``.

The trained model and the same model in another wrapping; the messages are utterances of the
training data in a drawn order, each with a number of its own, so that none is answered twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from benchmarks.machine import busy, machine
from kefu.conversation.models import make_live
from kefu.conversation.states import State
from kefu.store import migrate
from kefu.store.database import Database, utc_now
from kefu.store.tables import Conversation, Message
from kefu.trainer.examples import ExampleFile
from kefu.trainer.training import add_candidate
from tests.e2e.promotion import copied_models, wrapped_anew
from tests.e2e.stack import ROOT

TALK = "talk of the benchmark"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    options = parser.parse_args()
    print(json.dumps({"machine": machine(), "load_before": busy()}))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = copied_models(home / "models")
        first = max(store.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime).name[:64]
        second = wrapped_anew(store, first)
        url = f"sqlite:///{home / 'kefu.db'}"
        migrate(url)
        with closing(Database(url)) as database:
            database.write_now(partial(make_live, sha256=first, card={}))
            database.write_now(partial(add_candidate, sha256=second, card={}))
            database.write_now(partial(_fill, number=options.messages))
        began = time.perf_counter()
        status = subprocess.run(
            [
                *(sys.executable, "-m", "kefu", "trainer", "compare", second, "demo"),
                *("--messages", str(options.messages)),
            ],
            cwd=ROOT,
            env=os.environ | {"KEFU_HOME": str(home), "KEFU_MODELS_DIR": str(store)},
            stdout=subprocess.DEVNULL,
            check=False,
        ).returncode
        print(f"{options.messages} messages compared in {time.perf_counter() - began:.1f} s")
    return status


def _fill(session: Session, number: int) -> None:
    now = utc_now()
    said = [
        example.plain
        for path in sorted((ROOT / "data" / "nlu").glob("*.yml"))
        for example in ExampleFile(path.read_text(encoding="utf-8")).examples
    ]
    random.Random(1).shuffle(said)
    session.add(
        Conversation(
            conversation_id=TALK,
            profile="demo",
            shopper_name="访客",
            state=State.BOT.value,
            state_since=now,
            note="",
            last_seq=number,
            last_text="",
            tracker_version=0,
            verified_orders=[],
            context={},
            resume_hash="",
            created_at=now,
            updated_at=now,
        )
    )
    session.flush()
    session.add_all(
        Message(
            conversation_id=TALK,
            profile="demo",
            author="shopper",
            client_message_id=str(at),
            seq=at + 1,
            text=f"{said[at % len(said)]} {at}",
            status="done",
            created_at=now - timedelta(minutes=number - at),
        )
        for at in range(number)
    )


if __name__ == "__main__":
    sys.exit(main())
