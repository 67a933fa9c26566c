"""Messages as people read them: short, calm, exact."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..safety.incident import Incident, Step
from ..safety.vocabulary import (
    Ending,
    Hazard,
    Message,
    Outcome,
    Phase,
    Reason,
    StationStatus,
)
from .words import NOBODY, texts


@dataclass(frozen=True, slots=True)
class Notice:
    """A message as a person reads it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about, by the names that people use."""

    home: str
    name: str | None = None
    """The device or detector."""
    value: str | None = None
    """The level with its unit."""
    names: tuple[str, ...] = ()
    """The devices, where a message is about several."""
    report_in: float | None = None
    """Seconds until the station is told, as long as that can be cancelled."""


def notice(
    message: Message,
    incident: Incident | None,
    subject: Subject,
    names: Mapping[str, str],
    language: str,
) -> Notice:
    """Return a message in words; `names` are those of the actuators."""
    say = texts(language)
    hazard = say[f"hazard.{incident.hazard}"] if incident else ""
    values = {
        "home": subject.home,
        "hazard": hazard,
        "name": subject.name or say["somebody"],
        "names": say["and"].join(subject.names),
        "count": str(len(subject.names)),
        "by": _by(incident, say),
    }
    title = say[f"title.{_title_key(message, incident)}"].format(**values)
    lines: list[str] = []
    if incident is not None and incident.silent:
        return Notice(title, say["advice.silent"])
    if incident is not None and message is Message.UNANSWERED:
        # They are elsewhere: "leave now" is not for them.
        key = "gas" if incident.hazard is Hazard.GAS else "other"
        lines.append(say[f"advice.unanswered.{key}"])
    elif (
        incident is not None
        and incident.phase in (Phase.ALARM, Phase.PRE_ALARM)
        and message not in (Message.ASK, Message.WELL)
    ):
        lines.append(say[f"advice.{_advice_key(incident.hazard)}"])
    lines.extend(_facts(message, incident, subject, values, say))
    if incident is not None:
        if incident.is_open:
            lines.extend(_step_line(step, names, say) for step in incident.steps)
        if incident.drill:
            title = say["drill.title"].format(title=title)
            lines.insert(0, say["drill.moves" if incident.moves else "drill.line"])
    return Notice(title, "\n".join(line for line in lines if line))


def _by(incident: Incident | None, say: Mapping[str, str]) -> str:
    """Return who has taken an incident."""
    if incident is None or incident.acknowledged is None:
        return ""
    name = incident.acknowledged.by
    return say["somebody"] if name == NOBODY else name


def _title_key(message: Message, incident: Incident | None) -> str:
    if message is Message.STATION and incident is not None:
        return f"station.{incident.station.status}"
    if message is Message.CLOSED and incident and incident.ending is Ending.DISARMED:
        return "closed.disarmed"
    if _is_movement(message, incident):
        return "clearing.inactivity"
    if message is Message.CLOSED and incident and incident.ending is not Ending.RESET:
        return "closed.drill"
    return message


def _is_movement(message: Message, incident: Incident | None) -> bool:
    """Whether somebody moves again whose silence was an alarm."""
    is_silence = incident is not None and incident.hazard is Hazard.INACTIVITY
    return is_silence and message is Message.CLEARING


def _advice_key(hazard: Hazard) -> str:
    known = (
        Hazard.GAS,
        Hazard.CARBON_MONOXIDE,
        Hazard.SMOKE,
        Hazard.WATER,
        Hazard.SOS,
        Hazard.INTRUSION,
        Hazard.INACTIVITY,
    )
    return hazard if hazard in known else "other"


def _facts(
    message: Message,
    incident: Incident | None,
    subject: Subject,
    values: Mapping[str, str],
    say: Mapping[str, str],
) -> list[str]:
    lines: list[str] = []
    if message in (Message.ALARM, Message.PRE_ALARM) and subject.name:
        level = f": {subject.value}" if subject.value else ""
        lines.append(f"{subject.name}{level}")
    if message is Message.ALARM and subject.report_in is not None:
        lines.append(say["text.report_in"].format(seconds=round(subject.report_in)))
    if message is Message.STATION and incident is not None:
        lines.extend(_station_lines(incident, say))
    elif message is Message.QUESTION and incident and incident.questions:
        question = incident.questions[-1]
        lines.append(say["station.question"].format(text=question.text, by=question.by))
    elif message is Message.MANY_BACK and subject.names:
        lines.append(say["text.some_back"].format(**values))
    elif message is Message.CLOSED and subject.names:
        lines.append(say["text.put_back"].format(**values))
    elif _is_movement(message, incident):
        lines.append(say["text.clearing.inactivity"])
    elif (text := _text(message, incident, say)) is not None:
        lines.append(text.format(**values))
    return lines


def _text(
    message: Message, incident: Incident | None, say: Mapping[str, str]
) -> str | None:
    """Return what there is to say beside the title, for this hazard if it differs."""
    own = f"text.{message}.{incident.hazard}" if incident else ""
    return say.get(own, say.get(f"text.{message}"))


def _station_lines(incident: Incident, say: Mapping[str, str]) -> list[str]:
    side = incident.station
    lines = []
    if side.number:
        lines.append(say["station.number"].format(number=side.number))
    if side.status is StationStatus.DISPATCHED and side.unit:
        lines.append(say["station.unit"].format(unit=side.unit))
        if side.eta_seconds is not None:
            minutes = max(1, round(side.eta_seconds / 60))
            lines.append(say["station.eta"].format(minutes=minutes))
    if side.status is StationStatus.REJECTED:
        lines.append(say["station.rejected"].format(reason=side.reason or "?"))
    return lines


def _step_line(step: Step, names: Mapping[str, str], say: Mapping[str, str]) -> str:
    name = names.get(step.actuator, step.actuator)
    if step.outcome is Outcome.SKIPPED:
        reason = say.get(f"reason.{step.reason}", "")
        if step.reason is Reason.ALREADY_THERE:
            return say[f"there.{step.target}"].format(name=name)
        return say[f"skipped.{step.target}"].format(name=name, reason=reason)
    outcome = Outcome.ORDERED if step.outcome is Outcome.PENDING else step.outcome
    return say[f"{outcome}.{step.target}"].format(name=name)
