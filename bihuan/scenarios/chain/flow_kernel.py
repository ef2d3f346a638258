"""Stops carried down the links of a chain, compiled: `flow` says in words what they mean."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.rules.kernels.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Net(NamedTuple):
    """A chain in columns. Links stand in the order of their suppliers, needs in any.

    out      int64[nodes + 1]  the links of supplier i are out[i] up to out[i + 1]
    need     int64[links]      which need a link helps to cover
    share    float64[links]    percent of it; NaN = unknown
    firm     int64[needs]      whose need it is
    room     int64[needs + 1]  its ends are kept from room[n] up to room[n + 1], one for each link
    known    float64[needs]    percent that is covered by known shares
    rest     float64[needs]    percent that its suppliers of unknown share carry
    others   float64[needs]    percent that comes of suppliers who are not listed, and go on
    unknown  int64[needs]      how many of its links have an unknown share
    """

    out: Ints
    need: Ints
    share: Floats
    firm: Ints
    room: Ints
    known: Floats
    rest: Floats
    others: Floats
    unknown: Ints


@compiled
def gone_at(
    ends: Floats, shares: Floats, whole: tuple[float, float, float, int, float], is_first: bool
) -> float:
    """When a good is used up, days, of the links that end; inf = never.

    ends      float64[n]  when the last delivery of each arrives, in the order of time
    shares    float64[n]  percent of each; NaN = unknown
    whole     (stock in days, percent of the shares that are known, the rest, how many are unknown,
              percent of others); with others = 0 and as many ends as links nothing arrives
    is_first  True: when it is short first; the first unknown that ends takes the rest with it.
              False: when none is left and none arrives; the last unknown takes the rest with it

    Source: the module's words; all of its limits are general practice [K].
    """
    stock, known, rest, unknown, others = whole
    at, left, lost, seen = 0.0, stock, 0.0, 0
    live = known + rest + others
    for n in range(len(ends)):
        used = (ends[n] - at) * lost if lost > 0 else 0.0
        if lost > 0 and used >= left and is_first:
            return at + left / lost
        left = max(0.0, left - used)
        at = ends[n]
        if np.isnan(shares[n]):
            seen += 1
            if seen == (1 if is_first else unknown):
                live -= rest
        else:
            live -= shares[n]
        lost = 0.0 if live >= 100.0 - 1e-6 else (100.0 - max(0.0, live)) / 100.0
        if live < 1e-6:  # what adding leaves of shares such as 33.3 + 33.3 + 33.4
            lost = 1.0
    return at + left / lost if lost > 0 else np.inf


@compiled
def carried(
    net: Net, road: Floats, stock: Floats, causes: Floats, is_first: bool
) -> tuple[Floats, Floats]:
    """When each node stops, and when each need is gone, if causes stop at their time.

    road      float64[links]  days on the road; inf = nobody knows how many, at most
    stock     float64[needs]  days of stock; inf = nobody knows how many, at most
    causes    float64[nodes]  days at which a node stops of itself; inf = it does not
    is_first  as of `gone_at`: the first shortage of each, or when each surely stands still
    returns   float64[nodes], float64[needs]  days; inf = never

    In the order of time: whoever stops later ends links later, so that when a firm comes up all
    that could make it stop sooner is known. A stop of the same moment changes no need of a firm
    that is down already.
    """
    stops = causes.copy()
    is_down = np.zeros(len(causes), np.bool_)
    gone = np.full(len(stock), np.inf)
    ends, shares = np.empty(len(road)), np.empty(len(road))
    count = np.zeros(len(stock), np.int64)
    queue = _queue(causes)
    while queue:
        at, node = heapq.heappop(queue)
        if is_down[node]:
            continue
        is_down[node] = True
        for link in range(net.out[node], net.out[node + 1]):
            n = net.need[link]
            firm = net.firm[n]
            is_endless = road[link] == np.inf or (not is_first and net.others[n] > 0)
            if is_down[firm] or is_endless:
                continue
            start, held = net.room[n], count[n]
            _put(ends[start:], shares[start:], held, (at + road[link], net.share[link]))
            count[n] = held + 1
            if not is_first and count[n] < net.room[n + 1] - start:
                continue
            whole = (stock[n], net.known[n], net.rest[n], net.unknown[n], net.others[n])
            until = start + count[n]
            gone[n] = gone_at(ends[start:until], shares[start:until], whole, is_first)
            if gone[n] < stops[firm]:
                stops[firm] = gone[n]
                heapq.heappush(queue, (gone[n], int(firm)))
    return stops, gone


@compiled
def _queue(causes: Floats) -> list[tuple[float, int]]:
    """Who stops of itself, by time."""
    queue = [(causes[n], n) for n in range(len(causes)) if causes[n] < np.inf]
    heapq.heapify(queue)
    return queue


@compiled
def _put(ends: Floats, shares: Floats, held: int, new: tuple[float, float]) -> None:
    """Put an end among those that are held, in the order of time."""
    end, share = new
    n = held
    while n > 0 and ends[n - 1] > end:
        ends[n], shares[n] = ends[n - 1], shares[n - 1]
        n -= 1
    ends[n], shares[n] = end, share
