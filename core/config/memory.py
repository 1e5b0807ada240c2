"""How a serving process handles its memory. Nothing here knows what is served."""

from __future__ import annotations

import gc
import threading

# In words: a little more than half a MiB, so a chunk of one MiB is taken, and the rest of it is for what is called.
_WIDTH = 65_600


def settle() -> None:
    """Called once, when all is loaded and before threads begin to serve.

    What is loaded stays for good: looking through it for garbage, as often as calls make objects, takes a tenth of the
    time of each call.

    CPython keeps the frames of a thread in chunks of 16 KiB, takes each from the system when a call needs it, and gives
    it back when that call returns. Templates call deep, and up and down: a page took more than a hundred chunks one
    after the other, with a fault for each of their 4 KiB, a sixth of its time. So the lowest frame of every thread is
    so wide that its chunk has room for all. How wide a frame is, its code says; what is not used is never touched.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    run = threading.Thread.run
    run.__code__ = run.__code__.replace(co_stacksize=max(run.__code__.co_stacksize, _WIDTH))
