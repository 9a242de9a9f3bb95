"""Timing things against each other, so that whatever else the machine does meets them alike."""

import random
from collections.abc import Callable


def quickest(*sides: Callable[[], float], turns: int) -> list[float]:
    """The least of the seconds that each side returns, over so many turns of all: what else the machine does only adds.

    A first turn, which fills caches, does not count; who comes first in a turn is drawn by lot.
    """
    measured: list[list[float]] = [[] for _side in sides]
    for turn in range(turns + 1):
        for place in random.sample(range(len(sides)), len(sides)):
            taken = sides[place]()
            if turn:
                measured[place].append(taken)
    return [min(each) for each in measured]
