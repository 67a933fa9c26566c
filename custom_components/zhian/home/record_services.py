"""The actions that give out the home's records, to administrators only."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

import voluptuous as vol

from ..const import DOMAIN
from ..safety.vocabulary import Hazard
from ..store.errors import StoreError
from . import async_get_home
from .configuration import as_yaml, configuration_of
from .records import Records, Sheet, sealed

ATTR_INCIDENT: Final = "incident"
ATTR_SINCE: Final = "since"
ATTR_HAZARD: Final = "hazard"
ATTR_OPEN_ONLY: Final = "open_only"
ATTR_LIMIT: Final = "limit"
ATTR_TIMELINE: Final = "timeline"
ATTR_FORMAT: Final = "format"

JSON_FORMAT: Final = "json"
CSV_FORMAT: Final = "csv"
DEFAULT_LIMIT: Final = 20
MOST: Final = 1000


def _moment(value: Any) -> datetime:
    """Take a time, or a day from its first minute; local if it says no zone."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return dt_util.as_utc(dt_util.start_of_local_day(value))
    if isinstance(value, str) and (day := dt_util.parse_date(value)) is not None:
        return dt_util.as_utc(dt_util.start_of_local_day(day))
    return dt_util.as_utc(cv.datetime(value))


_WHICH: Final = {
    vol.Optional(ATTR_INCIDENT): cv.string,
    vol.Optional(ATTR_SINCE): _moment,
}
GET_SCHEMA: Final = vol.Schema(
    {
        **_WHICH,
        vol.Optional(ATTR_HAZARD, default=list): vol.All(
            cv.ensure_list, [vol.Coerce(Hazard)]
        ),
        vol.Optional(ATTR_OPEN_ONLY, default=False): cv.boolean,
        vol.Optional(ATTR_LIMIT, default=DEFAULT_LIMIT): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MOST)
        ),
        vol.Optional(ATTR_TIMELINE, default=True): cv.boolean,
    }
)
EXPORT_SCHEMA: Final = vol.Schema(
    {
        **_WHICH,
        vol.Optional(ATTR_FORMAT, default=JSON_FORMAT): vol.In(
            [JSON_FORMAT, CSV_FORMAT]
        ),
    }
)
VERIFY_SCHEMA: Final = vol.Schema(_WHICH)
CONFIGURATION_SCHEMA: Final = vol.Schema({})


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the actions, once."""
    for name, action, schema in (
        ("get_incidents", _get_incidents, GET_SCHEMA),
        ("export_timeline", _export_timeline, EXPORT_SCHEMA),
        ("verify_timeline", _verify_timeline, VERIFY_SCHEMA),
        ("export_configuration", _export_configuration, CONFIGURATION_SCHEMA),
    ):
        async_register_admin_service(
            hass, DOMAIN, name, action, schema, SupportsResponse.ONLY
        )


def _records(call: ServiceCall) -> Records:
    home = async_get_home(call.hass)
    return Records(home.guard, home.database)


def _unreadable() -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key="records_unreadable"
    )


def _require_found(data: Mapping[str, Any], found: Collection[object]) -> None:
    """Raise an error if one incident was asked for and there is none."""
    if ATTR_INCIDENT in data and not found:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_such_record"
        )


async def _get_incidents(call: ServiceCall) -> ServiceResponse:
    """Return incidents, newest first."""
    records = _records(call)
    data = call.data
    found = []
    try:
        async for timeline in records.find(
            incident=data.get(ATTR_INCIDENT),
            since=data.get(ATTR_SINCE),
            hazards=data[ATTR_HAZARD],
        ):
            if data[ATTR_OPEN_ONLY] and not timeline.incident.is_open:
                continue
            found.append(records.shown(timeline, with_entries=data[ATTR_TIMELINE]))
            if len(found) == data[ATTR_LIMIT]:
                break
    except StoreError as error:
        raise _unreadable() from error
    _require_found(data, found)
    return {"incidents": list(found), "names": records.names}


async def _export_timeline(call: ServiceCall) -> ServiceResponse:
    """Return sealed timelines, for the files of an administrator."""
    records = _records(call)
    data = call.data
    try:
        timelines = [
            timeline
            async for timeline in records.find(
                incident=data.get(ATTR_INCIDENT), since=data.get(ATTR_SINCE)
            )
        ]
    except StoreError as error:
        raise _unreadable() from error
    _require_found(data, timelines)
    response: JsonObjectType = {
        "format": data[ATTR_FORMAT],
        "incidents": len(timelines),
        "entries": sum(len(timeline.records) for timeline in timelines),
        "names": records.names,
    }
    if data[ATTR_FORMAT] == JSON_FORMAT:
        return {**response, "timelines": [sealed(timeline) for timeline in timelines]}
    sheet = Sheet()
    for timeline in timelines:
        sheet.add(timeline)
    return {**response, "csv": str(sheet)}


async def _export_configuration(call: ServiceCall) -> ServiceResponse:
    """Return the configuration of the home, without what is secret."""
    configuration = configuration_of(async_get_home(call.hass).entry)
    return {"configuration": configuration, "yaml": as_yaml(configuration)}


async def _verify_timeline(call: ServiceCall) -> ServiceResponse:
    """Return for each timeline on disk whether it is what was written."""
    data = call.data
    try:
        proofs = await _records(call).prove(
            incident=data.get(ATTR_INCIDENT), since=data.get(ATTR_SINCE)
        )
    except StoreError as error:
        raise _unreadable() from error
    if proofs is None:
        raise _unreadable()
    if ATTR_INCIDENT in data:
        _require_found(data, [proof for proof in proofs if proof.entries])
    return {
        "ok": all(proof.is_intact for proof in proofs),
        "checked": len(proofs),
        "incidents": [
            {
                "incident": proof.incident,
                "ok": proof.is_intact,
                "entries": proof.entries,
                "first_broken": proof.broken,
            }
            for proof in proofs
        ],
    }
