"""Ids of incidents."""

from datetime import datetime
from hashlib import sha256

from .vocabulary import Hazard


def incident_id(
    home: str, hazard: Hazard, drill: bool, at: datetime, count: int = 0
) -> str:
    """Return a time-ordered UUID (version 7, RFC 9562) for an incident.

    The bits that the standard leaves to chance are a digest of what makes the incident
    unique, so that the kernel needs no source of chance and a replay gives the same id.
    `count` tells incidents apart that open in the same moment of the clock.
    """
    milliseconds = int(at.timestamp() * 1000)
    seed = f"{home}\0{hazard}\0{drill}\0{at.isoformat()}\0{count}".encode()
    digest = int.from_bytes(sha256(seed).digest()[:10])
    bits = milliseconds << 80 | digest
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    digits = f"{bits:032x}"
    return "-".join(
        (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    )
