#!/usr/bin/env python3
"""Writes a made-up knowledge base of any size, and questions for it, to measure time and memory.

    large.py OUT ARTICLES PHRASES        OUT/knowledge_base and OUT/cases.jsonl; standard library only, the same every time
    firstline eval --knowledge OUT/knowledge_base --cases OUT/cases.jsonl --data OUT/data --json | grep us_outside_encoder

Each article is about three words of its own; phrases and questions put them among the words of everyone.
"""
import json
import random
import sys
from pathlib import Path

SYLLABLES = "ba be bi bo bu da de di do du fa fe fi fo ga ge gi go ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo".split()
CARRIERS = "where is my|how do i get a|can i change the|i need help with the|what does the|why was the|problem with the|please cancel the".split("|")


def main() -> None:
    out, n_articles, n_phrases = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    random.seed(7)
    words = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES[:20]]
    random.shuffle(words)
    common = words[-300:]

    def ask(topic: list[str]) -> str:
        said = random.sample(topic, 2) + random.choices(common, k=random.randint(1, 4))
        random.shuffle(said)
        return f"{random.choice(CARRIERS)} {' '.join(said)}"

    folder = out / "knowledge_base" / "en"
    folder.mkdir(parents=True, exist_ok=True)
    with open(out / "cases.jsonl", "w") as cases:
        for article in range(n_articles):
            topic = [words[(3 * article + i) % (len(words) - 300)] for i in range(3)]
            phrases = "".join(f"  - {ask(topic)} {place}\n" for place in range(n_phrases))
            text = f"---\nid: topic-{article}\ntitle: About {' '.join(topic)}\nphrases:\n{phrases}---\nAll about {' '.join(topic)}.\n"
            (folder / f"topic-{article}.md").write_text(text)
            if article % max(1, n_articles // 200) == 0:
                cases.write(json.dumps({"text": ask(topic), "expect": f"topic-{article}", "language": "en"}) + "\n")


if __name__ == "__main__":
    main()
