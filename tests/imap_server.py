"""Dovecot, a real IMAP server, on a folder of its own (``apt-get install dovecot-imapd``)."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from imap_tools import MailBoxUnencrypted

DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
USER, PASSWORD = "support", "pa/ss@word"
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {internal}
default_login_user = {login}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class ImapServer:
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"imap://{USER}:pa%2Fss%40word@127.0.0.1:{self.port}/INBOX"

    def deliver(self, letter: bytes) -> None:
        """What a mail server would do with an e-mail for the support address."""
        with self.signed_in() as box:
            box.append(letter, "INBOX")

    def seen(self) -> int:
        with self.signed_in() as box:
            return len(box.uids("SEEN"))

    @contextmanager
    def signed_in(self) -> Iterator[MailBoxUnencrypted]:
        with MailBoxUnencrypted("127.0.0.1", self.port, timeout=10) as box:
            box.login(USER, PASSWORD)
            yield box


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """A running server; skips where there is no Dovecot, and fails there with ``CI=true``."""
    if not Path(DOVECOT).exists():
        if os.environ.get("CI") == "true":
            pytest.fail("no dovecot: apt-get install dovecot-imapd")
        pytest.skip("no dovecot: apt-get install dovecot-imapd")
    root = os.getuid() == 0
    # A server that root starts wants users without rights, which Debian's package brings.
    me = pwd.getpwnam("dovecot") if root else pwd.getpwuid(os.getuid())
    # Not pytest's folder: the server's own users must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="kefu-imap-"))
    folder.chmod(0o755)
    for name in ("run", "state", "mail", "home"):
        (folder / name).mkdir()
    if root:
        for name in ("mail", "home"):
            shutil.chown(folder / name, me.pw_name, me.pw_name)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    config = folder / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            internal=me.pw_name,
            login="dovenull" if root else me.pw_name,
            uid=me.pw_uid,
            gid=me.pw_gid,
            port=port,
            password=PASSWORD,
        )
    )
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(config)])
    try:
        _wait_for(process, port, folder)
        yield ImapServer(port, folder)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


def _wait_for(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, (folder / "dovecot.log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                if connection.recv(16).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("dovecot does not answer")
