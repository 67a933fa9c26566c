"""The table of tried models in docs/devices.md.

python -m tests.e2e.zigbee.table   prints it
"""

from typing import Final

from demo.processes import REPOSITORY

from .models import DETECTORS, VALVES, Model

DOCUMENT: Final = REPOSITORY / "docs" / "devices.md"

_LEVELS: Final = {
    "pre_alarm": "pre-alarm",
    "warming_up": "warm-up",
    "fault": "fault",
}


def _rows(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _detector(model: Model) -> tuple[str, ...]:
    entities = ", ".join(
        f"`{sense.entity.replace(model.name, '…')}`" for sense in model.senses
    )
    also = dict.fromkeys(_LEVELS[level] for s in model.senses for level in s.also)
    return (model.vendor, model.model, entities, ", ".join(also) or "–", model.note)


def _valve(model: Model) -> tuple[str, ...]:
    assert model.valve
    what = "gas" if model.valve.role == "gas_valve" else "water"
    entity = f"`{model.valve.entity.replace(model.name, '…')}`"
    return (model.vendor, model.model, what, entity, model.note)


def tables() -> tuple[str, str]:
    """Return the table of detectors and the table of valves."""
    detectors = _rows(
        ("Vendor", "Model", "Alarm", "Understood besides", "Remarks"),
        [_detector(model) for model in DETECTORS],
    )
    valves = _rows(
        ("Vendor", "Model", "For", "Entity", "Remarks"),
        [_valve(model) for model in VALVES],
    )
    return detectors, valves


if __name__ == "__main__":
    print(*tables(), sep="\n")  # noqa: T201
