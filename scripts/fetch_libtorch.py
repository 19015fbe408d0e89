#!/usr/bin/env python3
"""Puts libtorch 2.4.0 (CPU) into the cache, outside the clone, and says where in libtorch.env.

    scripts/fetch_libtorch.py            does nothing when it is in place already

LIBTORCH, where the user has set it, is checked and used as it is. Otherwise the official archive is taken, and where
that host cannot be reached, the same library out of the Python package `torch`. Of either only what the program needs
is unpacked: headers, libtorch_cpu, libc10, and what those two name.

Environment: FIRSTLINE_LIBTORCH_SOURCE=archive|wheel takes that source alone.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from download import Failure, alone, cache_dir, fetch, fetch_wheel, run_main, say

VERSION = "2.4.0"  # The one that tch 0.17, and with it rust-bert 0.23, is made for.
ARCHIVES = "https://download.pytorch.org/libtorch/cpu/"
# Short, because on a closed network the answer is silence and the Python package is a good second source.
CONNECT_SECS = 10


@dataclass(frozen=True)
class Wheel:
    requirement: str
    filename: str
    sha256: str
    platform: str


@dataclass(frozen=True)
class Platform:
    """`archive` is None where no official one exists. Archives carry no published checksum: TLS, the CRC of each
    member and a trial load are what vouches for them."""

    archive: str | None
    wheels: tuple[Wheel, ...]


PLATFORMS = {
    ("Linux", "x86_64"): Platform(
        "libtorch-cxx11-abi-shared-with-deps-2.4.0%2Bcpu.zip",
        (
            Wheel(
                "torch==2.4.0",
                "torch-2.4.0-cp311-cp311-manylinux1_x86_64.whl",
                "e743adadd8c8152bb8373543964551a7cb7cc20ba898dc8f9c0cdbe47c283de0",
                "manylinux1_x86_64",
            ),
            # This torch is the CUDA build. Its CPU library names these two; they load and stay unused without a GPU.
            Wheel(
                "nvidia-cuda-runtime-cu12==12.1.105",
                "nvidia_cuda_runtime_cu12-12.1.105-py3-none-manylinux1_x86_64.whl",
                "6e258468ddf5796e25f1dc591a31029fa317d97a0a94ed93468fc86301d61e40",
                "manylinux1_x86_64",
            ),
            Wheel(
                "nvidia-cuda-cupti-cu12==12.1.105",
                "nvidia_cuda_cupti_cu12-12.1.105-py3-none-manylinux1_x86_64.whl",
                "e54fde3983165c624cb79254ae9818a456eb6e87a7fd4d56a2352c24ee542d7e",
                "manylinux1_x86_64",
            ),
        ),
    ),
    ("Linux", "aarch64"): Platform(
        None,
        (
            Wheel(
                "torch==2.4.0",
                "torch-2.4.0-cp311-cp311-manylinux2014_aarch64.whl",
                "7334325c0292cbd5c2eac085f449bf57d3690932eac37027e193ba775703c9e6",
                "manylinux2014_aarch64",
            ),
        ),
    ),
    ("Darwin", "arm64"): Platform(
        "libtorch-macos-arm64-2.4.0.zip",
        (
            Wheel(
                "torch==2.4.0",
                "torch-2.4.0-cp311-none-macosx_11_0_arm64.whl",
                "f169b4ea6dc93b3a33319611fcc47dc1406e4dd539844dcbd2dec4c1b96e166d",
                "macosx_11_0_arm64",
            ),
        ),
    ),
}


def main() -> None:
    chosen = os.environ.get("LIBTORCH")
    if chosen:
        root = check_the_users(Path(chosen))
    else:
        root = cache_dir() / f"libtorch-{VERSION}-cpu"
        if is_complete(root):
            say(f"libtorch {VERSION} is in place: {root}")
        else:
            with alone(cache_dir() / "downloads" / ".lock"):
                if not is_complete(root):  # Whoever was ahead of us may have finished it.
                    install(root)
    write_env(root)


def check_the_users(root: Path) -> Path:
    found = version_of(root)
    if found is None:
        raise Failure(
            f"LIBTORCH is {root}, which holds no libtorch (no build-version, no include/torch/csrc/api/include/torch/version.h).\n"
            "  Point it at a folder with include/ and lib/, or let make fetch one: unset LIBTORCH"
        )
    if found.split("+")[0] != VERSION and not os.environ.get("LIBTORCH_BYPASS_VERSION_CHECK"):
        raise Failure(f"LIBTORCH is {root}, version {found}; {VERSION} is needed.\n  Let make fetch it: unset LIBTORCH")
    say(f"Using libtorch {found} from LIBTORCH: {root}")
    return root.absolute()


def version_of(root: Path) -> str | None:
    named = root / "build-version"
    if named.is_file():
        return named.read_text().strip()
    header = root / "include/torch/csrc/api/include/torch/version.h"
    if header.is_file():
        numbers = re.findall(r"#define TORCH_VERSION_(?:MAJOR|MINOR|PATCH)\s+(\d+)", header.read_text())
        return ".".join(numbers)
    return None


def is_complete(root: Path) -> bool:
    """Folders get their final name only when whole, so the version file vouches for the rest."""
    return (root / "build-version").is_file() and (root / "lib").is_dir() and (root / "include").is_dir()


# ---- Fetching --------------------------------------------------------------------------------------------------------


def install(root: Path) -> None:
    here = (platform.system(), platform.machine())
    wanted = PLATFORMS.get(here)
    if wanted is None:
        raise Failure(
            f"No libtorch {VERSION} is known for {here[0]} on {here[1]}.\n"
            "  Set LIBTORCH to one of your own, or build without the encoder: make run LEXICAL=1"
        )
    need_tools(here[0])
    files = fetch_files(wanted, cache_dir() / "downloads")
    for stale in root.parent.glob(f"{root.name}.partial-*"):  # From a run that was cut off; we hold the lock.
        shutil.rmtree(stale)
    partial = Path(tempfile.mkdtemp(prefix=f"{root.name}.partial-", dir=root.parent))
    try:
        say(f"Unpacking what is needed of {', '.join(file.name for file in files)}.")
        unpack(files, partial, here[0])
        try_loading(partial / "lib", here[0])
        origin = ", ".join(file.name for file in files)
        (partial / "ORIGIN").write_text(f"Unpacked by Firstline's scripts/fetch_libtorch.py from: {origin}\n")
        (partial / "build-version").write_text(VERSION + "\n")
        partial.chmod(0o755)
        if root.exists():
            shutil.rmtree(root)
        os.rename(partial, root)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    say(f"libtorch {VERSION} is in place: {root}")


def need_tools(system: str) -> None:
    needed = ["cc", "readelf", "ldd"] if system == "Linux" else ["cc"]
    missing = [tool for tool in needed if shutil.which(tool) is None]
    if missing:
        mend = "Debian, Ubuntu: apt-get install g++ binutils libc-bin" if system == "Linux" else "xcode-select --install"
        raise Failure(f"Missing: {', '.join(missing)}.\n  {mend}")


def fetch_files(wanted: Platform, downloads: Path) -> list[Path]:
    only = os.environ.get("FIRSTLINE_LIBTORCH_SOURCE")
    if only not in (None, "", "archive", "wheel"):
        raise Failure(f"FIRSTLINE_LIBTORCH_SOURCE is {only!r}; it can be archive or wheel.")
    have_wheels = all((downloads / wheel.filename).is_file() for wheel in wanted.wheels)
    if wanted.archive and only != "wheel" and not (have_wheels and only != "archive"):
        say(f"Fetching libtorch {VERSION}: the official archive.")
        try:
            name = wanted.archive.replace("%2B", "+")
            return [fetch(ARCHIVES + wanted.archive, downloads / name, timeout_secs=CONNECT_SECS)]
        except Failure as failure:
            if only == "archive":
                raise
            say(f"  {failure}")
    say(f"Fetching libtorch {VERSION}: out of the Python package torch.")
    return [
        fetch_wheel(wheel.requirement, downloads, sha256=wheel.sha256, filename=wheel.filename, platform=wheel.platform)
        for wheel in wanted.wheels
    ]


# ---- Unpacking -------------------------------------------------------------------------------------------------------


def unpack(files: list[Path], root: Path, system: str) -> None:
    archives = open_all(files)
    # The archive's folder is libtorch/, the wheel's torch/.
    members = {name: archive for archive in archives for name in archive.namelist() if not name.endswith("/")}
    for name, archive in members.items():
        inside = re.fullmatch(r"(?:libtorch|torch)/(include/.+)", name)
        if inside:
            extract(archive, name, root / inside[1])
    libraries = {
        name.rsplit("/", 1)[1]: (archive, name)
        for name, archive in members.items()
        if re.search(r"(^|/)lib/[^/]+$|\.libs/[^/]+$", name) and re.search(r"\.so(\.\d+)*$|\.dylib$", name)
    }
    lib = root / "lib"
    if system == "Darwin":
        for name, (archive, member) in libraries.items():
            if not re.match(r"lib(torch_python|shm|torch_global_deps)", name):
                extract(archive, member, lib / name)
    else:
        unpack_elf(libraries, lib)
    if not (root / "include").is_dir() or not any(lib.glob("libtorch_cpu.*")):
        raise Failure(f"{files[0].name} is not a libtorch.\n  Delete it and run again: rm '{files[0]}'")


def open_all(files: list[Path]) -> list[zipfile.ZipFile]:
    archives = []
    for file in files:
        try:
            archives.append(zipfile.ZipFile(file))
        except zipfile.BadZipFile as error:
            raise Failure(f"{file.name} is damaged.\n  Delete it and run again: rm '{file}'") from error
    return archives


def unpack_elf(libraries: dict, lib: Path) -> None:
    """libtorch_cpu, libc10, and whatever they name that came along; the rest is the system's.

    All lie in one folder. The libraries' own DT_RPATH holds $ORIGIN, and a DT_RPATH also serves the libraries that
    those load in turn, so nothing has to be patched.
    """
    # The CUDA build's libtorch.so asks for the CUDA libraries (2.5 GiB), so it gets a stand-in.
    stand_in = "libtorch_cuda.so" in libraries
    queue = ["libtorch_cpu.so", "libc10.so"] + ([] if stand_in else ["libtorch.so"])
    done = set()
    while queue:
        name = queue.pop()
        if name in done or name not in libraries:
            continue
        done.add(name)
        archive, member = libraries[name]
        extract(archive, member, lib / name)
        dynamic = output_of(["readelf", "-d", str(lib / name)])
        queue += re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)
    if stand_in:
        link_stand_in(lib)


def link_stand_in(lib: Path) -> None:
    """torch-sys links `-ltorch`; this one needs libtorch_cpu and libc10 and holds nothing."""
    flags = ["-Wl,--no-as-needed", "-ltorch_cpu", "-lc10", "-Wl,-soname,libtorch.so"]
    rpath = ["-Wl,-rpath,$ORIGIN", "-Wl,--disable-new-dtags"]
    command = ["cc", "-shared", "-fPIC", "-o", str(lib / "libtorch.so"), "-x", "c", "-", "-x", "none", f"-L{lib}", *flags, *rpath]
    result = subprocess.run(command, input="extern int firstline_libtorch;\n", capture_output=True, text=True)
    if result.returncode != 0:
        raise Failure(f"cc cannot link libtorch.so:\n{result.stderr}\n  Debian, Ubuntu: apt-get install g++")


def extract(archive: zipfile.ZipFile, member: str, target: Path) -> None:
    if ".." in Path(member).parts:
        raise Failure(f"{archive.filename} holds a path that leads out of it: {member}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(member) as source, open(target, "wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    except zipfile.BadZipFile as error:
        raise Failure(f"{archive.filename} is damaged ({error}).\n  Delete it and run again: rm '{archive.filename}'") from error


def try_loading(lib: Path, system: str) -> None:
    """The trial that counts: a fresh process loads it with no search path set."""
    clean = {name: value for name, value in os.environ.items() if name not in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")}
    if system == "Linux":
        lost = re.findall(r"^\s*(\S+) => not found", output_of(["ldd", str(lib / "libtorch.so")], clean), re.M)
        if lost:
            raise Failure(f"libtorch needs libraries that this system lacks: {', '.join(sorted(set(lost)))}\n  Debian, Ubuntu: apt-get install libgomp1 libstdc++6 zlib1g")
    library = next(lib.glob("libtorch_cpu.*"))
    trial = subprocess.run([sys.executable, "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1])", str(library)], env=clean, capture_output=True, text=True)
    if trial.returncode != 0:
        raise Failure(f"libtorch was unpacked but does not load:\n  {trial.stderr.strip().splitlines()[-1]}")


def output_of(command: list[str], env=None) -> str:
    return subprocess.run(command, capture_output=True, text=True, env=env).stdout


# ---- What builds are told --------------------------------------------------------------------------------------------


def write_env(root: Path) -> None:
    abi = os.environ.get("LIBTORCH_CXX11_ABI") if os.environ.get("LIBTORCH") else None
    text = (
        f"# Written by Firstline's scripts/fetch_libtorch.py; read by make, and by shells with `.`\n"
        f"LIBTORCH={shlex.quote(str(root))}\nLIBTORCH_CXX11_ABI={abi or cxx11_abi(root)}\n"
    )
    env = cache_dir() / "libtorch.env"
    if env.is_file() and env.read_text() == text:
        return
    env.parent.mkdir(parents=True, exist_ok=True)
    scratch = env.with_name(env.name + f".{os.getpid()}")
    scratch.write_text(text)
    os.replace(scratch, env)


def cxx11_abi(root: Path) -> int:
    """0 or 1: whether std::string in the library's interface is GCC's old or new one. Asked of one function that takes
    a string; `Ss` is the old string's mangled name. libc++ (macOS) knows no such difference, and the flag is unused."""
    for library in (root / "lib/libc10.so", root / "lib/libc10.dylib"):
        if library.is_file():
            return 0 if re.search(rb"torchCheckFailEPKcS\d_jRKSs", library.read_bytes()) else 1
    raise Failure(f"{root}/lib holds no libc10.\n  Let make fetch libtorch: unset LIBTORCH")


if __name__ == "__main__":
    run_main(main)
