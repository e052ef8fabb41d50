"""The built web pages, or a page that says how to build them."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles

_MISSING = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>页面尚未构建</title></head>
<body><h1>页面尚未构建</h1>
<p>网页文件还没有生成。请在项目目录运行 <code>make up</code>，或在 <code>web</code> 目录运行
<code>npm ci &amp;&amp; npm run build</code>，然后重新启动。</p>
</body></html>"""


def install(app: FastAPI, web_dir: Path) -> None:
    """Serve ``index.html`` at ``/``, the staff's pages at theirs, the rest under its own name."""
    _page(app, "/", web_dir / "index.html")
    _page(app, "/desk", web_dir / "desk.html")
    _page(app, "/reports", web_dir / "reports.html")
    _page(app, "/trainer", web_dir / "trainer.html")
    if web_dir.is_dir():
        app.mount("/", StaticFiles(directory=web_dir))


def _page(app: FastAPI, path: str, file: Path) -> None:
    def page() -> HTMLResponse | FileResponse:
        if not file.is_file():
            return HTMLResponse(_MISSING, 503)
        return FileResponse(file, headers={"Cache-Control": "no-cache"})

    app.add_api_route(path, page, include_in_schema=False, response_model=None)
