"""What the logbook says of the home, in the language of Home Assistant."""

from collections.abc import Mapping
from string import Formatter
from typing import Final

from .news import Kind
from .words import CHINESE, DEFAULT_LANGUAGE, language_for, word

ICONS: Final[Mapping[Kind, str]] = {
    Kind.OPENED: "mdi:shield-half-full",
    Kind.ALARM: "mdi:shield-alert",
    Kind.CLEARING: "mdi:shield-sync",
    Kind.STEP_CONFIRMED: "mdi:check-circle",
    Kind.STEP_FAILED: "mdi:alert-circle",
    Kind.REOPENED: "mdi:pipe-valve",
    Kind.ACKNOWLEDGED: "mdi:account-check",
    Kind.STATION: "mdi:police-station",
    Kind.CLOSED: "mdi:shield-check",
    Kind.PROTECTION_LOST: "mdi:shield-off",
    Kind.PROTECTION_BACK: "mdi:shield-home",
}


def text(
    data: Mapping[str, object], language_tag: str, *, is_named: bool = False
) -> str | None:
    """Return a happening in words; None if a later version has written it.

    Where the page names the device already (`is_named`), the words begin after it.
    """
    language = language_for(language_tag)
    say = _WORDS[language]
    kind = data.get("kind")
    values = {
        "hazard": _word(f"hazard.{data.get('hazard')}", language) or "?",
        "name": "" if is_named else data.get("name") or "?",
    }
    template: str | None
    match kind:
        case Kind.STEP_CONFIRMED:
            template = _word(f"confirmed.{data.get('target')}", language)
        case Kind.STEP_FAILED:
            template = _word(f"failed.{data.get('target')}", language)
        case Kind.STATION:
            template = say.get(f"station.{data.get('status')}")
        case Kind.CLOSED:
            template = say.get(f"closed.{data.get('ending')}")
        case _:
            template = say.get(str(kind))
    if template is None:
        return None
    said = Formatter().vformat(template, (), values).lstrip(" :：")
    if data.get("drill"):
        return word("drill.title", language).format(title=said)
    return said


def _word(key: str, language: str) -> str | None:
    try:
        return word(key, language)
    except KeyError:
        return None


_ENGLISH: Final[Mapping[str, str]] = {
    "opened": "{hazard} is rising",
    "alarm": "{hazard} alarm",
    "clearing": "{hazard} is clear, the alarm waits for its reset",
    "reopened": "{name} was opened past the lock",
    "acknowledged": "Somebody has taken the {hazard} alarm",
    "station.accepted": "The station has the report",
    "station.rejected": "The station refused the report",
    "station.acknowledged": "The station has taken the alarm",
    "station.dispatched": "The station has sent somebody",
    "station.on_scene": "Help has arrived",
    "station.closed": "The station has closed the alarm",
    "closed.reset": "The {hazard} alarm was reset",
    "closed.pre_alarm_over": "{hazard} is back to normal",
    "closed.person_well": "The person who was asked is well",
    "closed.disarmed": "The home was disarmed, the {hazard} alarm is over",
    "closed.station": "The station has ended the call",
    "closed.drill_over": "The drill is over",
    "closed.real_alarm": "A real alarm has ended the drill",
    "protection_lost": "{name} protects nobody",
    "protection_back": "{name} protects again",
}

_CHINESE: Final[Mapping[str, str]] = {
    "opened": "{hazard}浓度上升",
    "alarm": "{hazard}报警",
    "clearing": "{hazard}已消散，报警等待复位",
    "reopened": "{name}绕过联锁被打开",
    "acknowledged": "有人已接手{hazard}报警",
    "station.accepted": "警务站已收到报告",
    "station.rejected": "警务站未受理报告",
    "station.acknowledged": "警务站已接警",
    "station.dispatched": "警务站已派人",
    "station.on_scene": "救援已到达",
    "station.closed": "警务站已结束报警",
    "closed.reset": "{hazard}报警已复位",
    "closed.pre_alarm_over": "{hazard}已恢复正常",
    "closed.person_well": "被询问的人平安",
    "closed.disarmed": "已撤防，{hazard}报警结束",
    "closed.station": "警务站已结束求助",
    "closed.drill_over": "演练已结束",
    "closed.real_alarm": "真实报警结束了演练",
    "protection_lost": "{name}目前不能保护家人",
    "protection_back": "{name}已恢复保护",
}

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    DEFAULT_LANGUAGE: _ENGLISH,
    CHINESE: _CHINESE,
}
