"""What a person would have automated in the two Home Assistants."""

from typing import Final

# A companion app answers from its notification; the stand-in has a button.
PHONE_ANSWERS: Final = """\
automation:
  - alias: The phone acknowledges
    triggers:
      - trigger: event.received
        target:
          entity_id: event.phone_answer
        options:
          event_type: [acknowledge]
    actions:
      - action: zhian.acknowledge
"""

_NEWEST: Final = """\
          incident: >-
            {{ states.geo_location
               | selectattr('attributes.source', 'eq', 'zhian')
               | map(attribute='attributes.incident') | list | last }}
"""

DESK_BUTTONS: Final = f"""\
script:
  desk_acknowledge:
    alias: Acknowledge
    icon: mdi:hand-back-right
    sequence:
      - action: zhian.desk_acknowledge
        data:
{_NEWEST}  desk_dispatch:
    alias: Send Patrol 7
    icon: mdi:car-emergency
    sequence:
      - action: zhian.desk_dispatch
        data:
          unit: Patrol 7
          eta_minutes: 4
{_NEWEST}  desk_close:
    alias: Close as resolved
    icon: mdi:check-all
    sequence:
      - action: zhian.desk_close
        data:
          disposition: resolved
{_NEWEST}"""
"""An officer's buttons: they act on the newest open incident."""
