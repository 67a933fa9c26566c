"""Made-up days of made-up people, all from one seed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def signs_of(
    random: Random, start: datetime, days: int, zone: ZoneInfo = SHANGHAI
) -> list[datetime]:
    """Return the signs of life of an elderly person who lives alone.

    Up at about seven, a nap after lunch, to bed at about ten, to the bathroom at night.
    In between a sign every 25 min, now and then one in 90.
    """
    return sorted(_signs(random, start, days, zone))


def _signs(
    random: Random, start: datetime, days: int, zone: ZoneInfo
) -> Iterator[datetime]:
    utc = start.tzinfo
    for n in range(days):
        day = (start + timedelta(days=n)).astimezone(zone)
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)

        def at(hours: float, midnight: datetime = midnight) -> datetime:
            return midnight.astimezone(utc) + timedelta(hours=hours)

        for _ in range(random.choice((0, 1, 1, 2))):
            yield at(random.uniform(0, 5.5))
        t, bed = at(random.gauss(6.7, 0.5)), at(random.gauss(21.8, 0.6))
        nap = at(random.gauss(13, 0.4))
        up = nap + timedelta(minutes=max(10, random.gauss(70, 30)))
        while t < bed:
            if nap < t < up:
                t = up
            yield t
            pause = 25 if random.random() < 0.9 else 90
            t += timedelta(minutes=random.expovariate(1 / pause))
