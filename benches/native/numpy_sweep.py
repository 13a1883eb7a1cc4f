"""IL over ten million prices with numpy, as one writes it: best of the rounds, in nanoseconds a point."""
import sys
import time

import numpy as np

POINTS = int(sys.argv[1])
ROUNDS = int(sys.argv[2])
prices = np.linspace(500.0, 8000.0, POINTS)
entry = 2000.0


def constant_product():
    ratio = prices / entry
    return 2.0 * np.sqrt(ratio) / (1.0 + ratio) - 1.0


def constant_product_in_place():
    np.divide(prices, entry, out=ratio)
    np.sqrt(ratio, out=root)
    np.multiply(root, 2.0, out=root)
    np.add(ratio, 1.0, out=ratio)
    np.divide(root, ratio, out=root)
    np.subtract(root, 1.0, out=root)
    return root


def weighted():
    ratio = prices / entry
    return ratio**0.8 / (0.8 * ratio + 0.2) - 1.0


def concentrated():
    lower, upper = np.sqrt(1000.0), np.sqrt(4000.0)
    root = np.clip(np.sqrt(prices), lower, upper)
    value = (1.0 / root - 1.0 / upper) * prices + root - lower
    start = np.sqrt(entry)
    hold = (1.0 / start - 1.0 / upper) * prices + start - lower
    return value / hold - 1.0


ratio, root = np.empty_like(prices), np.empty_like(prices)
print("version", np.__version__)
for function in (constant_product, constant_product_in_place, weighted, concentrated):
    best = min(
        (lambda start: (function(), time.perf_counter() - start)[1])(time.perf_counter()) for _ in range(ROUNDS)
    )
    print(function.__name__, best / POINTS * 1e9)
