#!/usr/bin/env python3
"""Fits the shipped weights of src/answering/confidence.rs and prints them as Rust.

    fit_confidence.py --name ALL [--l2 0.0004] DETAILS.jsonl...

DETAILS.jsonl: what `firstline eval --details` wrote for one set: splits for training or choosing, never a test split. Every set weighs the
same; in each, strangers' questions weigh a fifth. Needs numpy and scipy.
"""
import argparse
import json

import numpy as np
from scipy.optimize import minimize

STRANGER_SHARE = 0.2


def load(path):
    """Candidates (cases, pool, inputs) with a mask, inputs of none, truth (cases, pool + 1; last: none), weights."""
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    pool = max(len(row["found"]) for row in rows)
    width = next(len(found["inputs"]) for row in rows for found in row["found"])
    candidates = np.zeros((len(rows), pool, width))
    mask = np.zeros((len(rows), pool), bool)
    truth = np.zeros((len(rows), pool + 1), bool)
    for i, row in enumerate(rows):
        for j, found in enumerate(row["found"]):
            candidates[i, j], mask[i, j] = found["inputs"], True
            truth[i, j] = found["article"] in row["expect"]
        truth[i, -1] = not truth[i].any()
    none = np.array([row["none"] for row in rows])
    stranger = np.array([not row["expect"] for row in rows])
    weights = np.ones(len(rows))
    if stranger.any() and not stranger.all():
        weights[stranger] = STRANGER_SHARE / stranger.mean()
        weights[~stranger] = (1 - STRANGER_SHARE) / (~stranger).mean()
    return candidates, mask, none, truth, weights / weights.sum()


def loss(point, sets, l2):
    total, gradient = l2 * (point**2).sum(), 2 * l2 * point
    for candidates, mask, none, truth, weights in sets:
        width = candidates.shape[2]
        utilities = np.where(mask, candidates @ point[:width], -1e9)
        utilities = np.concatenate([utilities, (none @ point[width:])[:, None]], axis=1)
        exponents = np.exp(utilities - utilities.max(axis=1, keepdims=True))
        probabilities = exponents / exponents.sum(axis=1, keepdims=True)
        of_truth = (probabilities * truth).sum(axis=1).clip(1e-12)
        total -= (weights * np.log(of_truth)).sum() / len(sets)
        residual = (probabilities - probabilities * truth / of_truth[:, None]) * weights[:, None] / len(sets)
        gradient[:width] += np.einsum("np,npk->k", residual[:, :-1] * mask, candidates)
        gradient[width:] += residual[:, -1] @ none
    return total, gradient


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--l2", type=float, default=4e-4)
    parser.add_argument("details", nargs="+")
    arguments = parser.parse_args()
    sets = [load(path) for path in arguments.details]
    width, n_none = sets[0][0].shape[2], sets[0][2].shape[1]
    fitted = minimize(loss, np.zeros(width + n_none), (sets, arguments.l2), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    numbers = lambda values: ", ".join(f"{value:.3f}" if abs(value) > 5e-4 else "0.0" for value in values)
    print(f"const {arguments.name}: Weights = Weights {{")
    print(f"    candidate: [{numbers(fitted.x[:width])}],\n    none: [{numbers(fitted.x[width:])}],\n}};")


if __name__ == "__main__":
    main()
