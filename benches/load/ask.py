#!/usr/bin/env python3
"""Asks N shipped cases over one connection and prints where the time went, by the traces themselves.

    ask.py URL N        standard library only
"""
import http.client
import itertools
import json
import pathlib
import statistics
import sys
import time
import urllib.parse


def main():
    url, n = urllib.parse.urlparse(sys.argv[1]), int(sys.argv[2])
    cases = pathlib.Path(__file__).resolve().parents[2] / "tests" / "cases"
    texts = [json.loads(line)["text"] for file in sorted(cases.glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    took_ms, encoder_ms, total_ms = [], [], []
    for text in itertools.islice(itertools.cycle(texts), n):
        began = time.perf_counter()
        connection.request("POST", "/api/v1/ask", json.dumps({"text": text}), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        took_ms.append((time.perf_counter() - began) * 1e3)
        assert response.status == 200, answer
        assert not answer["trace"]["degraded"], answer["trace"]
        encoder_ms.append(answer["trace"]["timings"]["encoder_us"] / 1e3)
        total_ms.append(answer["trace"]["timings"]["total_us"] / 1e3)
    cuts = statistics.quantiles(took_ms, n=100)
    print(f"{n} questions, one at a time: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms end to end (this client included)")
    outside = 1 - sum(encoder_ms) / sum(took_ms)
    print(f"encoder {statistics.median(encoder_ms):.2f} ms, gathering {statistics.median(total_ms):.2f} ms (medians); {outside:.1%} of the time is outside the encoder")


if __name__ == "__main__":
    main()
