"""The engine's commands: ``serve``, ``train``, ``evaluate``, ``parse``, ``mislabels``, ``rasa``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import warnings
from pathlib import Path

from kefu_engine import progress, without_tensorflow
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
    serve.add_argument("--gently", action="store_true", help="load behind all other work")
    serve.set_defaults(run=_serve)

    train = commands.add_parser("train", help="train a model and print its SHA-256")
    train.add_argument("--out", type=Path, default=Path("models"))
    train.add_argument("--if-changed", action="store_true", help="only if an input changed")
    train.add_argument("--progress", action="store_true", help="JSON lines on stderr: how far")
    train.add_argument("--note", type=json.loads, help="a JSON object to keep in the model's card")
    train.set_defaults(run=_train)

    compare = commands.add_parser("compare", help="judge a candidate beside the live model")
    compare.add_argument("--candidate", type=Path, required=True, help="models/<sha256>.tar.gz")
    compare.add_argument("--live", type=Path, required=True, help="models/<sha256>.tar.gz")
    compare.add_argument(
        "--frozen", type=Path, nargs="*", default=[], help="files of labelled messages"
    )
    compare.add_argument("--messages", type=Path, help='JSON lines {"text", "label"?}')
    compare.add_argument("--settings", type=json.loads, default={}, help="JSON: see comparison.py")
    compare.add_argument("--out", type=Path, required=True, help="where the result is written")
    compare.set_defaults(run=_compare)

    frozen = commands.add_parser("frozen-check", help="frozen rows that are too like training data")
    frozen.add_argument("--frozen", type=Path, nargs="*", default=[])
    frozen.add_argument("--text", nargs="*", default=[], help="further messages to check")
    frozen.add_argument("--data", type=Path, default=Path("data/nlu"))
    frozen.set_defaults(run=_frozen_check)

    evaluate = commands.add_parser("evaluate", help="judge a model on a file of labelled messages")
    evaluate.add_argument("file", type=Path, help="text<TAB>label[<TAB>source] under a header line")
    evaluate.add_argument("--report", type=Path, metavar="DIR", help="write report and charts")
    evaluate.set_defaults(run=_evaluate)

    parse = commands.add_parser("parse", help="show what a model makes of a text")
    parse.add_argument("text")
    parse.set_defaults(run=_parse)

    mislabels = commands.add_parser("mislabels", help="utterances probably in the wrong intent")
    mislabels.add_argument("--model", type=Path, required=True, help="models/<sha256>.tar.gz")
    mislabels.set_defaults(run=_mislabels)

    for command in (evaluate, parse):
        command.add_argument(
            "--model", type=Path, help="models/<sha256>.tar.gz; else that of the present inputs"
        )
        command.add_argument("--json", action="store_true", help="nothing but JSON on stdout")

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
        gently=options.gently,
    )
    turn_channel.serve(engine, options.port)
    return 0


def _train(options: argparse.Namespace) -> int:
    from kefu_engine import training

    _exit_on_signals()
    if options.progress:
        progress.announce()
    sha256 = training.train(
        Path.cwd(), options.out, if_changed=options.if_changed, note=options.note
    )
    sys.stdout.write(f"{sha256}\n")
    return 0


def _compare(options: argparse.Namespace) -> int:
    progress.announce()
    without_tensorflow.install_for_serving()
    from kefu_engine import comparison, logs

    logs.configure()
    warnings.filterwarnings("ignore")
    _exit_on_signals()
    result = comparison.compare(
        candidate=options.candidate,
        live=options.live,
        frozen=options.frozen,
        messages=options.messages,
        settings=comparison.Settings(**options.settings),
    )
    options.out.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    return 0


def _frozen_check(options: argparse.Namespace) -> int:
    from kefu_engine import frozen

    found = frozen.conflicts(options.frozen, options.text, options.data)
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 1 if found else 0


def _exit_on_signals() -> None:
    """Let a training that is told to end tidy its folder; further signals must not disturb that."""

    def leave(number: int, _frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, leave)


def _model_for_questions(given: Path | None) -> Path:
    """The archive to ask; that of the project's present inputs, trained now if there is none."""
    if given is None:
        from kefu_engine import training

        models = Path("models")
        given = models / f"{training.train(Path.cwd(), models, if_changed=True)}.tar.gz"
    if "rasa" not in sys.modules:
        without_tensorflow.install_for_serving()
    from kefu_engine import logs

    logs.configure()
    return given


def _evaluate(options: argparse.Namespace) -> int:
    archive = _model_for_questions(options.model)
    from kefu_engine import nlu_commands

    return nlu_commands.run_evaluate(
        archive, options.file, as_json=options.json, report=options.report
    )


def _parse(options: argparse.Namespace) -> int:
    archive = _model_for_questions(options.model)
    from kefu_engine import nlu_commands

    return nlu_commands.run_parse(archive, options.text, as_json=options.json)


def _mislabels(options: argparse.Namespace) -> int:
    from kefu_engine import mislabels

    sys.stdout.write(mislabels.run(options.model) + "\n")
    return 0


def _rasa(arguments: list[str]) -> int:
    sys.argv = ["rasa", *arguments]
    # Rasa refuses to read endpoints.yml where a variable it names is not set.
    os.environ.setdefault("KEFU_ACTIONS_URL", "http://127.0.0.1:8001")
    os.environ.setdefault("KEFU_TURN_TOKEN", "")
    from rasa.__main__ import main as rasa

    rasa()
    return 0


if __name__ == "__main__":
    sys.exit(main())
