#!/usr/bin/env python3
"""Writes Chinese cases in the other script: does a Traditional question find a Simplified article, and the reverse?

    pip install opencc-python-reimplemented
    other_script.py tests/cases/zh-Hans.jsonl s2tw > traditional.jsonl        tw2s for the other way
    firstline eval --knowledge FOLDER_WITH_ONLY_zh-Hans --cases traditional.jsonl --data $(mktemp -d)
"""
import json
import sys

from opencc import OpenCC

convert = OpenCC(sys.argv[2]).convert
for line in open(sys.argv[1], encoding="utf-8"):
    case = json.loads(line)
    case["text"] = convert(case["text"])
    # The words say which script they are in.
    case.pop("language", None)
    print(json.dumps(case, ensure_ascii=False))
