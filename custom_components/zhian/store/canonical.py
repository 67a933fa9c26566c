"""One spelling for every value: what is hashed, stored and sent is the same text."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import orjson

type JSON = None | bool | int | float | str | list[JSON] | dict[str, JSON]

# Strict integers: beyond 53 bits a receiver may read a different number.
# What is not JSON is refused rather than guessed.
_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)


def canonical(value: Mapping[str, JSON] | JSON) -> bytes:
    """Return a value as JSON: sorted keys, no spaces, UTF-8.

    A number that is none (NaN, infinity) becomes null. TypeError for what JSON
    cannot say, integers of more than 53 bits among it.
    """
    if not isinstance(value, dict) and isinstance(value, Mapping):
        value = dict(value)  # orjson knows no other mapping
    return orjson.dumps(value, option=_OPTIONS)


def instant(at: datetime) -> str:
    """Return an aware time as text of fixed width in UTC: its order is time's order."""
    if at.tzinfo is None:
        raise ValueError("A time without a zone says nothing")
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    # Twice as quick as isoformat, which asks the zone for its name of zero.
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00" % (  # noqa: UP031
        at.year,
        at.month,
        at.day,
        at.hour,
        at.minute,
        at.second,
        at.microsecond,
    )
