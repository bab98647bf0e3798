"""Chance, and how much of a scene is played: CRASH_SEED repeats a run."""
import os
import random

SEED = int(os.environ.get("CRASH_SEED", "0")) or random.randrange(1, 1 << 30)
rng = random.Random(SEED)
ALL = False  # run sets it: every call


def payload(n):
    return rng.randbytes(n)


def pick(count, most):
    """The calls 1 .. count + 1 to try: all of them, or `most` spread over them."""
    ks = list(range(1, count + 2))
    if ALL or len(ks) <= most:
        return ks
    step = len(ks) / most
    first = rng.random() * step
    return [ks[int(first + i * step)] for i in range(most)]
