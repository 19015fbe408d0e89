#!/usr/bin/env python3
"""Compares figures of `firstline eval --json` with their floors and prints both.

    floors.py FLOORS.json WITH_ENCODER.json WORDS_ALONE.json

FLOORS.json: {"with_encoder" | "words_alone": {"all" | LANGUAGE: {FIGURE: lowest}}}. Ends with 1 when a figure is too low.
"""
import json
import sys


def main():
    floors, *figures = [json.load(open(name, encoding="utf-8")) for name in sys.argv[1:]]
    n_failed = n_passed = 0
    for kind, report in zip(("with_encoder", "words_alone"), figures):
        for language, lowest in floors[kind].items():
            part = report if language == "all" else report["by_language"][language]
            for figure, floor in lowest.items():
                reached = part[figure]
                ok = reached is not None and reached >= floor
                n_passed, n_failed = n_passed + ok, n_failed + (not ok)
                print(f"{'ok  ' if ok else 'LOW '} {kind:13} {language:8} {figure:20} {reached:.3f} (floor {floor:.3f})")
    print(f"floors: {n_passed} passed, {n_failed} failed")
    return 1 if n_failed or not n_passed else 0


if __name__ == "__main__":
    sys.exit(main())
