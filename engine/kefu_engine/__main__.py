"""The engine's command line: ``serve``, ``train``, ``parse`` and the stock ``rasa``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from kefu_engine import without_tensorflow
from kefu_engine.errors import EngineError

SECRET_VARIABLE = "KEFU_ENGINE_SECRET"  # noqa: S105 - the name of a variable


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["rasa"]:
        return _rasa(given[1:])
    options = _parser().parse_args(given)
    try:
        return options.run(options)
    except EngineError as error:
        sys.stderr.write(f"{error.code}: {error.detail or error.title}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kefu_engine", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help=f"run turns; the secret is in {SECRET_VARIABLE}")
    serve.add_argument("--model", type=Path, required=True, help="models/<sha256>.tar.gz")
    serve.add_argument("--port", type=int, required=True)
    serve.add_argument("--actions", required=True, help="base URL of the action server")
    serve.add_argument("--action-deadline", type=float, default=6.0, help="seconds per call")
    serve.set_defaults(run=_serve)

    train = commands.add_parser("train", help="train a model and print its SHA-256")
    train.add_argument("--out", type=Path, default=Path("models"))
    train.add_argument("--if-changed", action="store_true", help="only if an input changed")
    train.set_defaults(run=_train)

    parse = commands.add_parser("parse", help="print what a model makes of a text, as JSON")
    parse.add_argument("text")
    parse.add_argument("--model", type=Path, required=True, help="models/<sha256>.tar.gz")
    parse.set_defaults(run=_parse)

    commands.add_parser("rasa", help="the stock Rasa command line: rasa train, rasa shell, ...")
    return parser


def _serve(options: argparse.Namespace) -> int:
    from kefu_engine import logs, turn_channel

    secret = os.environ.get(SECRET_VARIABLE)
    if not secret:
        sys.stderr.write(f"{SECRET_VARIABLE} is not set\n")
        return 2
    without_tensorflow.install_for_serving()
    logs.configure()
    engine = turn_channel.Engine(
        secret=secret,
        model_path=options.model,
        actions_url=options.actions,
        action_deadline=options.action_deadline,
    )
    turn_channel.serve(engine, options.port)
    return 0


def _train(options: argparse.Namespace) -> int:
    from kefu_engine import training

    sha256 = training.train(Path.cwd(), options.out, if_changed=options.if_changed)
    sys.stdout.write(f"{sha256}\n")
    return 0


def _parse(options: argparse.Namespace) -> int:
    without_tensorflow.install_for_serving()
    from kefu_engine import model, processor, turn

    loaded = model.load(options.model)
    found = turn.described_parse(options.text, processor.parse(loaded, options.text, {}))
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    return 0


def _rasa(arguments: list[str]) -> int:
    sys.argv = ["rasa", *arguments]
    from rasa.__main__ import main as rasa

    rasa()
    return 0


if __name__ == "__main__":
    sys.exit(main())
