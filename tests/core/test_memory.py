"""A serving process gives the frames of its threads room, and takes no memory from the system again and again."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.apart

_PROGRAM = """
import resource, threading
from core.config import memory

def deep(calls):
    return deep(calls - 1) if calls else 0

def faults():
    found = []
    def work():
        deep(600)
        began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(200):
            deep(600)
        found.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - began)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]

before = faults()
memory.settle()
print(before, faults())
"""


def test_threads_call_deep_without_asking_the_system_for_memory() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, stdout=subprocess.PIPE, text=True)
    before, after = map(int, done.stdout.split())
    assert before > 200, "CPython takes its chunks otherwise now: is the room still needed?"
    assert after < 20
