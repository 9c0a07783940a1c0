"""Rounds of contenders in turn: medians, or on standard input's demand for bench/peers/compare.mjs (`--in-turn`).

A contender is a function that does some work and says how many trial-steps that was.
"""

import json
import statistics
import sys
import time

# As bench/run.mjs: the processor's time for a machine that others use too.
now = time.process_time if "--processor-time" in sys.argv else time.perf_counter


def rate(work, seconds):
    start, units = now(), 0
    while now() - start < seconds:
        units += work()
    return units / (now() - start)


def measure(contenders, rounds=9, seconds=0.5, title=""):
    for work in contenders.values():  # Compiles.
        for _ in range(3):
            work()
    in_round = lambda: {name: rate(work, seconds) for name, work in contenders.items()}
    if "--in-turn" in sys.argv:
        print("ready", flush=True)
        for _ in sys.stdin:
            print(json.dumps(in_round()), flush=True)
        return
    rates = [in_round() for _ in range(rounds)]
    for name in contenders:
        print(title, name, round(statistics.median(each[name] for each in rates), 1), "trial-steps/s", flush=True)
