"""Fetches files: with progress, resumed after a break, checked, and put in place whole or not at all.

Python's standard library, and pip as a subprocess for what package indexes hold. Used by fetch_libtorch.py and
fetch_model.py.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

CHUNK_BYTES = 1 << 20
ATTEMPTS = 5
# A stalled read counts as a break after this long; what has arrived is kept and resumed.
STALL_SECS = 30


class Failure(Exception):
    """What is missing, in words that say how to mend it."""


def cache_dir() -> Path:
    """Downloads and unpacked libraries live outside the clone, so that several clones share them."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "firstline"


def say(text: str) -> None:
    print(text, flush=True)


def run_main(main) -> None:
    try:
        main()
    except Failure as failure:
        sys.stderr.write(f"\n{failure}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. What was downloaded so far is kept.\n")
        sys.exit(130)


@contextlib.contextmanager
def alone(lock: Path):
    """Two `make` in two terminals would otherwise write into the same .part file."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another download is under way; waiting for it.")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


# ---- One file over HTTP ----------------------------------------------------------------------------------------------


def fetch(url: str, target: Path, *, sha256: str | None = None, timeout_secs: float = STALL_SECS, headers=None) -> Path:
    """Downloads `url` to `target`. A break is resumed from `target`.part; a wrong checksum starts anew once."""
    if target.is_file() and (sha256 is None or sha256_of(target) == sha256):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    for fresh_start in (False, True):
        if fresh_start:
            say(f"  {target.name}: the checksum is wrong, so it is fetched again from the start.")
            part.unlink(missing_ok=True)
        _fetch_part(url, part, target.name, timeout_secs, headers or {})
        if sha256 is None or sha256_of(part) == sha256:
            os.replace(part, target)
            return target
    found = sha256_of(part)
    part.unlink()
    raise Failure(f"{target.name}: sha256 is {found}, expected {sha256}. A proxy may have changed the file.")


def _fetch_part(url: str, part: Path, label: str, timeout_secs: float, headers: dict) -> None:
    breaks = 0
    while True:
        had = part.stat().st_size if part.exists() else 0
        try:
            _read_into(url, part, had, label, timeout_secs, headers)
            return
        except urllib.error.HTTPError as error:
            if error.code == 416 and had:  # The part is longer than the file, or it is the whole file.
                part.unlink()
                continue
            if error.code < 500 and error.code != 429:
                raise Failure(f"{label}: the server answers {error.code} {error.reason}.") from error
            cause = f"{error.code} {error.reason}"
        except (OSError, EOFError, http.client.HTTPException) as error:
            cause = str(getattr(error, "reason", error)) or type(error).__name__
        now_has = part.stat().st_size if part.exists() else 0
        # Progress earns new patience; a host that cannot be reached at all is given up on at once.
        if now_has == 0:
            raise Failure(f"{label}: cannot be reached ({cause}).")
        breaks = 1 if now_has > had else breaks + 1
        if breaks >= ATTEMPTS:
            raise Failure(f"{label}: the connection keeps breaking ({cause}). Run the command again to go on from here.")
        say(f"  {label}: the connection broke ({cause}); going on from {now_has / 2**20:.1f} MiB.")
        time.sleep(min(2**breaks, 20))


def _read_into(url: str, part: Path, had: int, label: str, timeout_secs: float, headers: dict) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "firstline-setup", **headers})
    if had:
        request.add_header("Range", f"bytes={had}-")
    with urllib.request.urlopen(request, timeout=timeout_secs, context=_tls(url)) as answer:
        resumed = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {had}-")
        start = had if resumed else 0
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length else None
        progress = Progress(label, start, total)
        with open(part, "ab" if resumed else "wb") as out:
            while chunk := answer.read(CHUNK_BYTES):
                out.write(chunk)
                progress.add(len(chunk))
        progress.end()
        if total is not None and progress.n_bytes < total:
            raise EOFError("the server closed early")


def _tls(url: str):
    if not url.startswith("https:"):
        return None
    # Behind a company's proxy pip is often told about its certificate, and nobody else is.
    for name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"):
        path = os.environ.get(name)
        if path and Path(path).is_file():
            return ssl.create_default_context(cafile=path)
    return ssl.create_default_context()


class Progress:
    """One line that changes on a terminal; in a log a line every tenth of the way, and not more than one in five seconds."""

    def __init__(self, label: str, start: int, total: int | None):
        self.label, self.start, self.total, self.n_bytes = label, start, total, start
        self.began = self.shown_at = time.monotonic()
        self.live = sys.stdout.isatty()
        self.next_tenth = 1 + (10 * start // total if total else 0)

    def add(self, n_bytes: int) -> None:
        self.n_bytes += n_bytes
        now = time.monotonic()
        if self.live and now - self.shown_at > 0.2:
            self.shown_at = now
            sys.stdout.write("\r" + self.line() + "\033[K")
            sys.stdout.flush()
        elif not self.live and self.total and self.n_bytes * 10 >= self.total * self.next_tenth and now - self.shown_at > 5:
            self.shown_at = now
            self.next_tenth = 1 + 10 * self.n_bytes // self.total
            say(self.line())

    def end(self) -> None:
        if self.live:
            sys.stdout.write("\r" + self.line() + "\033[K\n")
            sys.stdout.flush()
        else:
            say(self.line())

    def line(self) -> str:
        rate = (self.n_bytes - self.start) / max(time.monotonic() - self.began, 0.001) / 2**20
        share = f"{100 * self.n_bytes / self.total:3.0f} % of {self.total / 2**20:.1f} MiB" if self.total else f"{self.n_bytes / 2**20:.1f} MiB"
        return f"  {self.label}: {share}, {rate:.1f} MiB/s"


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


# ---- Python packages -------------------------------------------------------------------------------------------------


def fetch_wheel(requirement: str, folder: Path, *, sha256: str | None, filename: str, platform: str | None = None) -> Path:
    """A wheel through the pip that is here, whatever index it is set up for; the local Python's version does not matter.

    pip is asked only for the address and the hash, because its own download neither resumes nor survives a break.
    Where it is too old to tell, or the address wants credentials that only pip has, pip downloads.
    """
    target = folder / filename
    if target.is_file():
        if sha256 is None or sha256_of(target) == sha256:
            say(f"  {filename}: already downloaded.")
            return target
        say(f"  {filename}: the copy here is damaged and is fetched again.")
        target.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    _need_pip()
    choice = ["--no-deps", "--only-binary=:all:"]
    if platform:
        choice += ["--platform", platform, "--python-version", "3.11", "--implementation", "cp"]
    say(f"  Asking pip where {requirement} is.")
    found = _ask_pip(requirement, choice)
    if found:
        url, index_sha256 = found
        if sha256 and index_sha256 and sha256 != index_sha256:
            raise Failure(f"{requirement}: the package index names sha256 {index_sha256}, expected {sha256}.")
        if url.startswith("file:"):
            local = Path(urllib.request.url2pathname(urllib.parse.urlparse(url).path))
            return _checked(_placed(local, target), sha256 or index_sha256)
        try:
            return fetch(url, target, sha256=sha256 or index_sha256)
        except Failure as failure:
            say(f"  {failure} Leaving it to pip.")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        result = subprocess.run([sys.executable, "-m", "pip", "download", *choice, "--dest", scratch, requirement])
        wheels = list(Path(scratch).glob("*.whl"))
        if result.returncode != 0 or not wheels:
            raise Failure(
                f"pip cannot download {requirement}.\n"
                f"  Check the network, then try: {sys.executable} -m pip download {' '.join(choice)} {requirement}"
            )
        return _checked(_placed(wheels[0], target), sha256)


def _need_pip() -> None:
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode != 0:
        raise Failure("pip is missing for this Python.\n  Debian, Ubuntu: apt-get install python3-pip\n  elsewhere: python3 -m ensurepip --upgrade")


def _ask_pip(requirement: str, choice: list[str]) -> tuple[str, str | None] | None:
    with tempfile.TemporaryDirectory() as scratch:  # pip wants a target with --platform; a dry run leaves it empty.
        ask = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", "--target", scratch]
        result = subprocess.run([sys.executable, "-m", "pip", *ask, *choice, requirement], capture_output=True, text=True)
    if result.returncode != 0:
        return None
    try:
        info = json.loads(result.stdout)["install"][0]["download_info"]
        url, archive = info["url"], info.get("archive_info", {})
    except (ValueError, LookupError):
        return None
    if "@" in urllib.parse.urlparse(url).netloc:
        return None
    sha256 = archive.get("hashes", {}).get("sha256")
    if sha256 is None and archive.get("hash", "").startswith("sha256="):
        sha256 = archive["hash"].removeprefix("sha256=")
    return url, sha256


def _placed(source: Path, target: Path) -> Path:
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    os.replace(part, target)
    return target


def _checked(path: Path, sha256: str | None) -> Path:
    if sha256 and sha256_of(path) != sha256:
        found = sha256_of(path)
        path.unlink()
        raise Failure(f"{path.name}: sha256 is {found}, expected {sha256}.")
    return path
