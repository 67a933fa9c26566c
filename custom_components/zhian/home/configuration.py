"""The home's configuration as a file: what it is guarded by, and whom it tells.

What proves who this home is never leaves it: no private key, no pairing with a station,
no secret of a gateway, no code of the panel and nothing that one could be tried against.
"""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.util.yaml import dump

from .bound import ACTUATOR, CONTACT, DETECTOR
from .contact_options import ChannelKind, ContactOptions
from .options import ActuatorOptions, DetectorOptions, HomeOptions
from .routine_options import ROUTINE, RoutineOptions
from .subentry_flow import CODE
from .watch_options import CodeOptions

VERSION: Final = 1
ZHIAN: Final = "zhian"
HOME: Final = "home"
SECTIONS: Final = {
    "detectors": DETECTOR,
    "actuators": ACTUATOR,
    "contacts": CONTACT,
    "routines": ROUTINE,
    "codes": CODE,
}

_NOT_EXPORTED: Final = frozenset({"registry_id", "registry_ids", "secret"})
"""What means nothing elsewhere, and what nobody else may have."""


def configuration_of(entry: ConfigEntry[Any]) -> dict[str, Any]:
    """Return the configuration of a home."""
    home = HomeOptions.from_mapping(entry.data)
    return {
        ZHIAN: VERSION,
        HOME: _stripped(
            {
                "name": home.name,
                "gas": home.gas.value,
                "lel": home.lel,
                "address": home.address,
                "ladder": dict(home.ladder) if home.ladder else None,
                "panel": dict(home.panel) if home.panel else None,
                "report_after": dict(home.report_after) if home.report_after else None,
                "priorities": dict(home.priorities) if home.priorities else None,
            }
        ),
        "detectors": [
            _stripped(DetectorOptions.from_mapping(s.data).as_data())
            for s in entry.get_subentries_of_type(DETECTOR)
        ],
        "actuators": [
            _stripped(ActuatorOptions.from_mapping(s.data).as_data())
            for s in entry.get_subentries_of_type(ACTUATOR)
        ],
        "contacts": [
            _contact(ContactOptions.from_mapping(s.data))
            for s in entry.get_subentries_of_type(CONTACT)
        ],
        "routines": [
            _routine(entry, RoutineOptions.from_mapping(s.data))
            for s in entry.get_subentries_of_type(ROUTINE)
        ],
        "codes": [
            {"name": code.name, "can_arm": code.can_arm, "can_disarm": code.can_disarm}
            for s in entry.get_subentries_of_type(CODE)
            for code in (CodeOptions.from_mapping(s.data),)
        ],
    }


def as_yaml(configuration: Mapping[str, Any]) -> str:
    """Return a configuration as people read and edit it."""
    text: str = dump(dict(configuration))
    return text


def _contact(contact: ContactOptions) -> dict[str, Any]:
    """Return a contact; the address of a gateway may hold a key behind the `?`."""
    data = contact.as_data()
    data["channels"] = [
        _stripped(
            channel.as_data()
            | ({"target": channel.label} if channel.kind is ChannelKind.WEBHOOK else {})
        )
        for channel in contact.channels
    ]
    return data


def _routine(entry: ConfigEntry[Any], routine: RoutineOptions) -> dict[str, Any]:
    """Return a routine; who is asked goes by name, an id means nothing elsewhere."""
    names = {s.subentry_id: s.title for s in entry.get_subentries_of_type(CONTACT)}
    return _stripped(
        routine.as_data()
        | {
            "sources": [source.entity_id for source in routine.sources],
            "asks": [names[contact] for contact in routine.asks if contact in names],
        }
    )


def _stripped(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in data.items()
        if value not in (None, {}, []) and key not in _NOT_EXPORTED
    }
