"""A stand-in for a phone: it receives, shows and answers notifications."""

from dataclasses import dataclass, field

from .devices import BASE, JSON, Device, Entity

MESSAGES = f"{BASE}/phone/message"
ANSWERS = f"{BASE}/phone/answer"
ACKNOWLEDGE = f"{BASE}/phone/acknowledge"

STATE_LIMIT = 255
"""Home Assistant's limit for a state; the whole text is in the attributes."""


@dataclass(slots=True)
class Phone:
    """What arrived on the phone."""

    messages: list[str] = field(default_factory=list)

    def report(self) -> dict[str, JSON]:
        """Return what its screen shows."""
        last = self.messages[-1] if self.messages else ""
        return {
            "last_message": last[:STATE_LIMIT],
            "text": last,
            "count": len(self.messages),
        }


DEVICE = Device(
    "phone",
    "Phone",
    "Stand-in",
    "Controls",
    (
        Entity(
            "notify",
            "notify",
            {
                "name": None,
                "command_topic": MESSAGES,
                "default_entity_id": "notify.phone",
            },
        ),
        Entity(
            "sensor",
            "last_message",
            {
                "name": "Last message",
                "icon": "mdi:cellphone-message",
                "json_attributes_topic": f"{BASE}/phone",
                "json_attributes_template": (
                    "{{ {'text': value_json.text, 'count': value_json.count} | tojson }}"
                ),
            },
        ),
        Entity(
            "button",
            "acknowledge",
            {
                "name": "Acknowledge",
                "icon": "mdi:check-bold",
                "command_topic": ACKNOWLEDGE,
            },
        ),
        Entity(
            "event",
            "answer",
            {
                "name": "Answer",
                "state_topic": ANSWERS,
                "value_template": "{{ value }}",
                "event_types": ["acknowledge"],
            },
        ),
    ),
    lambda house: {},
    is_behind_hub=False,
)
