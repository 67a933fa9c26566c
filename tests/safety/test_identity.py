"""Ids of incidents."""

from datetime import timedelta
from uuid import UUID

from custom_components.zhian.safety.identity import incident_id
from custom_components.zhian.safety.vocabulary import Hazard

from .homes import NOON


def test_id_is_a_uuid_of_version_7_that_carries_its_time() -> None:
    identity = UUID(incident_id("home", Hazard.GAS, False, NOON))
    assert identity.version == 7
    assert identity.variant == "specified in RFC 4122"
    assert identity.int >> 80 == int(NOON.timestamp() * 1000)


def test_ids_sort_by_time() -> None:
    ids = [
        incident_id("home", Hazard.GAS, False, NOON + timedelta(seconds=n))
        for n in range(100)
    ]
    assert ids == sorted(ids)


def test_what_makes_an_incident_unique_makes_its_id_unique() -> None:
    ids = {
        incident_id(home, hazard, drill, NOON + timedelta(microseconds=n), count)
        for home in ("home", "other")
        for hazard in Hazard
        for drill in (False, True)
        for n in range(3)
        for count in range(3)
    }
    assert len(ids) == 2 * len(Hazard) * 2 * 3 * 3


def test_same_incident_has_the_same_id() -> None:
    made = {incident_id("home", Hazard.GAS, True, NOON) for _ in range(2)}
    assert len(made) == 1
