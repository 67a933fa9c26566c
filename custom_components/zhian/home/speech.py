"""What the home says aloud when it is asked: short, and what to do comes first."""

from collections.abc import Iterable, Mapping
from typing import Final

from ..safety.assurance import Assurance, Safety
from ..safety.vocabulary import Hazard
from .closing import ClosedValve
from .guard import Guard
from .words import CHINESE, DEFAULT_LANGUAGE, word

_ADVISED: Final = (Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SMOKE, Hazard.WATER)


def about_gas(valves: Iterable[ClosedValve], language: str) -> str:
    """Return what became of the gas valves."""
    say = _WORDS[language]
    found = list(valves)
    if not found:
        return say["no_valve"]
    lines = [say[valve.closing].format(name=valve.name) for valve in found]
    return _join([*lines, say["smell"]], language)


def about_safety(assurance: Assurance, guard: Guard, language: str) -> str:
    """Return the answer to "are we safe?"."""
    say = _WORDS[language]
    match assurance.safety:
        case Safety.SAFE:
            return say["safe"]
        case Safety.UNKNOWN if not assurance.watching:
            return say["unwatched"]
        case Safety.UNKNOWN:
            return say["unknown"].format(names=_blind(assurance, guard, say))
    lines: list[str] = []
    hazards = [incident.hazard for incident in assurance.incidents]
    hazards.extend(detector.hazard for detector in assurance.alarming)
    for hazard in dict.fromkeys(hazards):
        lines.append(say["alarm"].format(hazard=word(f"hazard.{hazard}", language)))
        advice = hazard if hazard in _ADVISED else "other"
        lines.append(word(f"advice.{advice}", language))
    if assurance.blind:
        lines.append(say["blind"].format(names=_blind(assurance, guard, say)))
    return _join(lines, language)


def about_help(was_called: bool, language: str) -> str:
    """Return whether help is being called."""
    return _WORDS[language]["help" if was_called else "no_help"]


def about_answer(is_taken: bool, is_called: bool, language: str) -> str:
    """Return what an answer aloud has come to; a call for help stays."""
    say = _WORDS[language]
    if not (is_taken or is_called):
        return say["no_question"]
    lines = [say["safe_taken"]] if is_taken else []
    return _join([*lines, say["call_stays"]] if is_called else lines, language)


def no_home(language: str) -> str:
    """Return that there is nobody to ask."""
    return _WORDS[language]["no_home"]


def _blind(assurance: Assurance, guard: Guard, say: Mapping[str, str]) -> str:
    names = (
        watcher.options.name
        for detector in assurance.blind
        if (watcher := guard.watcher(detector.id)) is not None
    )
    return say["comma"].join(names)


def _join(lines: Iterable[str], language: str) -> str:
    return ("" if language == CHINESE else " ").join(lines)


_ENGLISH: Final[Mapping[str, str]] = {
    "comma": ", ",
    "closed": "{name} is closed.",
    "not_proved": "{name} was told to close and has not proved it yet.",
    "not_reached": "{name} cannot be reached. Close it by hand if that is safe.",
    "no_valve": "There is no gas valve that I could close. Close it by hand if that "
    "is safe.",
    "smell": "If you smell gas: leave, no switches, no flame, phone from outside.",
    "safe": "Yes. Every detector works and none sees a danger.",
    "unwatched": "I do not know. There is no detector.",
    "unknown": "I do not know. Nothing is seen, but these cannot be relied on now: "
    "{names}.",
    "alarm": "No. {hazard} alarm.",
    "blind": "These cannot be relied on now: {names}.",
    "help": "I am calling for help. Stay where you are if that is safe.",
    "no_help": "I cannot call for help from here. Phone for help now.",
    "safe_taken": "I have written down that you are safe.",
    "call_stays": "The call for help stays until somebody has been with you.",
    "no_question": "Good. There is no alarm.",
    "no_home": "The home is not guarded at this moment. Phone for help if you need it.",
}

_CHINESE: Final[Mapping[str, str]] = {
    "comma": "、",
    "closed": "{name}已关闭。",
    "not_proved": "已命令{name}关闭，但还没有得到证实。",
    "not_reached": "联系不上{name}。如果安全，请用手关闭。",
    "no_valve": "没有我能关闭的燃气阀。如果安全，请用手关闭。",
    "smell": "如果闻到燃气味：立即离开，不碰开关，不用明火，到室外再打电话。",
    "safe": "安全。所有探测器都在工作，没有发现危险。",
    "unwatched": "我不知道。家里没有探测器。",
    "unknown": "我不能确定。没有发现危险，但这些探测器目前不可靠：{names}。",
    "alarm": "不安全。{hazard}报警。",
    "blind": "这些探测器目前不可靠：{names}。",
    "help": "正在为您求助。如果安全，请留在原地。",
    "no_help": "我无法从这里求助。请立即打电话求助。",
    "safe_taken": "已记录您平安。",
    "call_stays": "求助会保持，直到有人到您身边。",
    "no_question": "好的。目前没有报警。",
    "no_home": "家目前没有受到守护。如有需要，请打电话求助。",
}

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    DEFAULT_LANGUAGE: _ENGLISH,
    CHINESE: _CHINESE,
}
