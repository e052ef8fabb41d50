"""Every error leaves as ``application/problem+json`` with a sentence in Chinese."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kefu.errors import KefuError

log = structlog.get_logger("kefu.http")

_TITLES = {
    400: "请求内容有误，请检查后重试。",
    404: "您访问的内容不存在。",
    405: "不支持这种请求方式。",
    413: "发送的内容太大了，请精简后重试。",
}


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def problem(
    status: int, code: str, title: str, detail: str = "", headers: dict[str, str] | None = None
) -> ProblemResponse:
    body = {"type": "about:blank", "status": status, "code": code, "title": title, "detail": detail}
    return ProblemResponse(body, status, headers)


def install(app: FastAPI) -> None:
    app.add_exception_handler(KefuError, _on_kefu_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_error)


async def _on_kefu_error(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, KefuError)
    if error.status >= 500:
        log.error("request failed", path=request.url.path, code=error.code, detail=error.detail)
    body = error.as_problem()
    wait = str(body.get("retry_after", 5))
    headers = {"Retry-After": wait} if error.status in {429, 503} else None
    return ProblemResponse(body, error.status, headers)


async def _on_invalid(_request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    # Places and kinds only: the values may be secrets.
    found = [
        f"{'.'.join(str(at) for at in item['loc'])}: {item['type']}" for item in error.errors()
    ]
    return problem(422, "invalid_request", "请求内容不符合要求，请检查后重试。", "; ".join(found))


async def _on_http_error(_request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    return problem(
        error.status_code,
        codes.get(error.status_code, "bad_request"),
        _TITLES.get(error.status_code, _TITLES[400]),
        headers=dict(error.headers) if error.headers else None,
    )


async def on_bug(request: Request, error: Exception) -> ProblemResponse:
    """The answer to what nobody thought of."""
    log.error("request broke", path=request.url.path, exc_info=error)
    return problem(500, KefuError.code, KefuError.title)
