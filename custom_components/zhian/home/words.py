"""What people are told, in their language: short, calm, exact.

The first line of every gas message says what to do, because it may be the only line that
is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
from . import panel_words

NOBODY: Final = "-"
"""Who acts when no person is known: an automation, or a phone without a user."""

DEFAULT_LANGUAGE: Final = "en"
CHINESE: Final = "zh-Hans"


def language_for(tag: str) -> str:
    """Return the language to speak for a language tag of Home Assistant."""
    return CHINESE if tag.lower().startswith("zh") else DEFAULT_LANGUAGE


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
    say = _WORDS[language]
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


_ENGLISH: Final[Mapping[str, str]] = {
    "hazard.gas": "Gas",
    "hazard.carbon_monoxide": "Carbon monoxide",
    "hazard.smoke": "Smoke",
    "hazard.water": "Water",
    "hazard.intrusion": "Intrusion",
    "hazard.sos": "Call for help",
    "hazard.inactivity": "No movement",
    "drill.title": "DRILL: {title}",
    "drill.line": "This is a drill. Nothing is moved and nobody is sent.",
    "drill.moves": "This is a drill. What cannot ignite gas is really moved; nobody is "
    "sent.",
    "and": ", ",
    "title.pre_alarm": "{hazard} is rising at {home}",
    "title.unconfirmed": "{name} alone reports {hazard} at {home}",
    "title.pre_alarm_over": "{hazard} is back to normal at {home}",
    "title.ask": "{name}, are you well?",
    "title.well": "A sign of life at {home}",
    "title.clearing.inactivity": "There is movement again at {home}",
    "title.alarm": "{hazard} alarm at {home}",
    "title.step_failed": "{name} did not obey at {home}",
    "title.step_confirmed": "{name} has obeyed now at {home}",
    "title.reopened": "{name} was opened during the alarm at {home}",
    "title.still_flowing": "Water still flows through {name} at {home}",
    "title.still_rising": "Gas still rises at {home}",
    "title.obstructed": "{name} is blocked at {home}",
    "title.clearing": "{hazard} is clear at {home}",
    "title.unanswered": "Nobody answers the {hazard} alarm at {home}",
    "title.repeat": "Still nobody answers the {hazard} alarm at {home}",
    "title.safe": "{name} is safe ({home})",
    "title.help": "{name} asks for help at {home}",
    "title.acknowledged": "{by} has taken the {hazard} alarm at {home}",
    "title.closed": "{hazard} alarm at {home} has been reset",
    "title.closed.drill": "Drill at {home} is over",
    "title.station.rejected": "The station refused the report from {home}",
    "title.station.acknowledged": "The station has taken the alarm at {home}",
    "title.station.dispatched": "Help is on its way to {home}",
    "title.station.on_scene": "Help has arrived at {home}",
    "title.station.closed": "The station has closed the alarm at {home}",
    "title.question": "The station asks ({home})",
    "title.protection_lost": "{name} does not protect {home}",
    "title.protection_back": "{name} protects {home} again",
    "title.many_lost": "{count} detectors were lost at once at {home}",
    "title.many_back": "The detectors at {home} can be heard again",
    "title.battery_low": "The battery of {name} at {home} is low",
    "title.tampered": "{name} at {home} was opened or moved",
    "title.member_lost": "Part of {name} does not protect {home}",
    "title.life_ending": "{name} at {home} is to be replaced soon",
    "title.life_over": "{name} at {home} has reached the end of its life",
    "title.unreachable": "{name} at {home} cannot be reached",
    "title.test_due": "It is time for a test at {home}",
    "title.exercise_due": "It is time to move {name} at {home}",
    "title.exercise_failed": "{name} at {home} did not move as it should",
    "title.exercise_cut": "The exercise of {name} at {home} was broken off",
    "title.test": "Test message from {home}",
    "advice.gas": "Leave now. No switches, no flame. Phone from outside.",
    "advice.carbon_monoxide": "Go to fresh air now and take everybody with you. "
    "Phone from outside.",
    "advice.smoke": "Leave now and close the doors behind you. Phone from outside.",
    "advice.water": "Keep away from sockets and appliances that are wet.",
    "advice.sos": "Somebody needs help. Go there or phone now.",
    "advice.inactivity": "Nobody has moved and nobody has answered. Phone now; if "
    "there is no answer, go there.",
    "advice.other": "Make sure that everybody is safe.",
    "text.ask": "There was no sign of life for a long time. Answer, or move about. "
    "Without either your contacts are told.",
    "text.well": "The question whether everybody is well is withdrawn.",
    "text.clearing.inactivity": "It may be the person, or somebody who went there to "
    "look. Make sure. The alarm stays on until somebody at home resets it or the "
    "person says that they are well.",
    "ask.aloud": "{name}, are you well? Please move about, or press I am well on your "
    "phone. Otherwise I will call for help.",
    "text.step_failed": "It was told again and again and did not prove that it obeyed. "
    "It is still being tried. Move it by hand only if you can reach it safely.",
    "text.still_flowing": "The valve was told to close, and the meter still turns. "
    "Close the stopcock by hand if you can reach it safely.",
    "text.still_rising": "The valve is closed, and there is more gas than before: it "
    "comes from elsewhere. Stay outside, keep others out and phone the gas company.",
    "text.obstructed": "Something is in its way, so it did not open. It is still being "
    "tried. Clear it only if you can reach it safely.",
    "text.reopened": "Somebody opened it past the lock. It is closed again once; "
    "after that it stays as it is.",
    "advice.unanswered.gas": "Nobody at home has answered. Phone them now. If you go "
    "there: knock, do not ring the bell; no switches, no flame.",
    "advice.unanswered.other": "Nobody at home has answered. Phone them now. Go there "
    "only if it is safe.",
    "text.unconfirmed": "Go and look if that is safe. It becomes an alarm as soon as "
    "another detector agrees, or if it lasts.",
    "text.report_in": "The station is told in {seconds} s unless somebody takes the "
    "alarm before.",
    "text.repeat": "Nobody has taken this alarm so far. Answer if you can see to it.",
    "station.question": "{by}: {text} Answer in Home Assistant (Answer the station), or "
    "by phone.",
    "text.help": "Go there or phone, if you can do so safely. The station knows, if "
    "this home has one.",
    "text.clearing": "All detectors are clear. The alarm stays on until somebody at "
    "home resets it; the gas valve stays closed.",
    "text.protection_lost": "The detector cannot be heard or reports a fault. Until it "
    "works again, do not rely on it.",
    "text.protection_back": "The detector works again.",
    "text.many_lost": "They have one cause: a hub or the power is down, or the radio is "
    "jammed. Until they are back, do not rely on them: {names}",
    "text.many_back": "All of them work again.",
    "text.some_back": "Not yet back: {names}",
    "text.battery_low": "Replace the battery. There is no danger now.",
    "text.tampered": "If that was not you, look at it. It still raises the alarm.",
    "text.member_lost": "The group hides it, but these say nothing: {names}",
    "text.life_ending": "It may be relied on for less than two more months.",
    "text.life_over": "Do not rely on it any more. Replace it.",
    "text.unreachable": "In an alarm it could not be moved. Check its power and its "
    "connection.",
    "text.test_due": "For a month there was neither a drill nor a detector's test. "
    "Press the test button of a detector, or start a drill.",
    "text.exercise_due": "It has not moved for a month. When you are at home, open the "
    "repair in Home Assistant: it closes the valve; you open it again.",
    "text.exercise_failed": "It was moved as an exercise and did not prove where it is. "
    "Look at it, and whether it stands open. In an alarm it may fail.",
    "text.exercise_cut": "An alarm or a restart came in between. Look whether it stands "
    "as you want it: it may be closed.",
    "text.put_back": "The drill has moved these; put them back: {names}",
    "text.test": "This is a test. Nothing has happened and there is nothing to do.",
    "station.number": "Number {number}",
    "station.unit": "Unit: {unit}",
    "station.eta": "Expected in {minutes} min",
    "station.rejected": "Reason: {reason}. Call for help by phone.",
    "ordered.closed": "{name}: closing, not proved yet",
    "ordered.open": "{name}: opening, not proved yet",
    "ordered.on": "{name}: turning on, not proved yet",
    "ordered.off": "{name}: turning off, not proved yet",
    "ordered.unlocked": "{name}: unlocking, not proved yet",
    "confirmed.unlocked": "{name}: unlocked",
    "failed.unlocked": "{name}: NOT unlocked",
    "there.unlocked": "{name}: was unlocked already",
    "skipped.unlocked": "{name}: not unlocked{reason}",
    "confirmed.closed": "{name}: closed",
    "confirmed.open": "{name}: open",
    "confirmed.on": "{name}: on",
    "confirmed.off": "{name}: off",
    "failed.closed": "{name}: NOT closed",
    "failed.open": "{name}: NOT open",
    "failed.on": "{name}: NOT on",
    "failed.off": "{name}: NOT off",
    "there.closed": "{name}: was closed already",
    "there.open": "{name}: was open already",
    "there.on": "{name}: was on already",
    "there.off": "{name}: was off already",
    "skipped.closed": "{name}: not closed{reason}",
    "skipped.open": "{name}: not opened{reason}",
    "skipped.on": "{name}: not turned on{reason}",
    "skipped.off": "{name}: not turned off{reason}",
    "reason.not_ignition_safe": ", because it could ignite the gas",
    "reason.feeds_fire": ", because it could feed a fire",
    "reason.rain": ", because it rains",
    "reason.child_lock": ", because its child lock is on or cannot be seen",
    "reason.window_locked": ", because it is locked or its lock cannot be seen",
    "reason.level_too_high": ", because there is too much gas to move it",
    "reason.drill": ", because this is a drill",
    "reason.removed": ", because it is no longer set up",
    "reason.reopened": ", because somebody opened it past the lock",
    "reason.superseded": ", because somebody answered",
    "reason.incident_closed": ", because the alarm was reset",
    "acknowledge": "I am taking this",
    "safe": "I am safe",
    "well": "I am well",
    "help": "Send help",
    "somebody": "Somebody",
}

_CHINESE: Final[Mapping[str, str]] = {
    "hazard.gas": "燃气",
    "hazard.carbon_monoxide": "一氧化碳",
    "hazard.smoke": "烟雾",
    "hazard.water": "漏水",
    "hazard.intrusion": "入侵",
    "hazard.sos": "求助",
    "hazard.inactivity": "长时间无活动",
    "drill.title": "【演练】{title}",
    "drill.line": "这是演练。不会动任何设备，也不会派人。",
    "drill.moves": "这是演练。不会引燃燃气的设备会实际动作，但不会派人。",
    "and": "、",
    "title.pre_alarm": "{home}{hazard}浓度上升",
    "title.unconfirmed": "{home}：仅{name}报告{hazard}",
    "title.pre_alarm_over": "{home}{hazard}已恢复正常",
    "title.ask": "{name}，您还好吗？",
    "title.well": "{home}已有活动迹象",
    "title.clearing.inactivity": "{home}又有了活动",
    "title.alarm": "{home}{hazard}报警",
    "title.step_failed": "{home}：{name}没有执行",
    "title.step_confirmed": "{home}：{name}现已执行",
    "title.reopened": "{home}：报警期间{name}被打开",
    "title.still_flowing": "{home}：{name}处仍在出水",
    "title.still_rising": "{home}燃气浓度仍在上升",
    "title.obstructed": "{home}：{name}受阻",
    "title.clearing": "{home}{hazard}已消散",
    "title.unanswered": "{home}{hazard}报警无人应答",
    "title.repeat": "{home}{hazard}报警仍无人应答",
    "title.safe": "{name}已报平安（{home}）",
    "title.help": "{name}在{home}求助",
    "title.acknowledged": "{by}已接手{home}的{hazard}报警",
    "title.closed": "{home}的{hazard}报警已复位",
    "title.closed.drill": "{home}的演练已结束",
    "title.station.rejected": "警务站未受理{home}的报警",
    "title.station.acknowledged": "警务站已接警：{home}",
    "title.station.dispatched": "救援正赶往{home}",
    "title.station.on_scene": "救援已到达{home}",
    "title.station.closed": "警务站已结束{home}的报警",
    "title.question": "警务站询问（{home}）",
    "title.protection_lost": "{name}目前不能保护{home}",
    "title.protection_back": "{name}已恢复保护{home}",
    "title.many_lost": "{home}同时失去{count}个探测器",
    "title.many_back": "{home}的探测器已恢复联系",
    "title.battery_low": "{home}：{name}电量不足",
    "title.tampered": "{home}：{name}被打开或移动",
    "title.member_lost": "{home}：{name}中有成员失效",
    "title.life_ending": "{home}：{name}即将到期，请准备更换",
    "title.life_over": "{home}：{name}已超过使用寿命",
    "title.unreachable": "{home}：联系不上{name}",
    "title.test_due": "{home}该做测试了",
    "title.exercise_due": "{home}：该活动{name}了",
    "title.exercise_failed": "{home}：{name}活动异常",
    "title.exercise_cut": "{home}：{name}的例行活动中断",
    "title.test": "来自{home}的测试消息",
    "advice.gas": "立即离开。不要碰任何开关，不要用明火。到室外再打电话。",
    "advice.carbon_monoxide": "立即带所有人到有新鲜空气的地方。到室外再打电话。",
    "advice.smoke": "立即离开，随手关门。到室外再打电话。",
    "advice.water": "远离沾水的插座和电器。",
    "advice.sos": "有人需要帮助。请立即前往或打电话。",
    "advice.inactivity": "家中长时间无人活动，也无人应答。请立即打电话；如无人接听，请前往查看。",
    "advice.other": "请确认所有人都安全。",
    "text.ask": "已经很久没有活动迹象。请回答，或者走动一下。否则将通知您的联系人。",
    "text.well": "不再询问是否安好。",
    "text.clearing.inactivity": "可能是本人，也可能是前去查看的人。请确认。"
    "报警会保持，直到有人在家中复位，或本人回答安好。",
    "ask.aloud": "{name}，您还好吗？请走动一下，或在手机上按“我很好”。"
    "否则我会找人来帮忙。",
    "text.step_failed": "已多次下达指令，但没有得到执行的证明，仍在继续尝试。"
    "只有在能安全到达时，才用手操作。",
    "text.still_flowing": "已下令关闭阀门，但水表仍在走。"
    "如能安全到达，请用手关闭总阀。",
    "text.still_rising": "阀门已关闭，但燃气比之前更多：气体来自别处。"
    "请留在室外，不让他人进入，并打电话给燃气公司。",
    "text.obstructed": "有东西挡住，未能打开，仍在继续尝试。"
    "只有在能安全到达时，才去清除。",
    "text.reopened": "有人绕过联锁把它打开。系统会再关闭一次，之后不再干预。",
    "advice.unanswered.gas": "家中无人应答，请立即打电话联系。如果前往：请敲门，"
    "不要按门铃，不要碰任何开关，不要用明火。",
    "advice.unanswered.other": "家中无人应答，请立即打电话联系。确认安全后再前往。",
    "text.unconfirmed": "如能安全查看，请前往确认。一旦有其他探测器同样报告，或持续存在，即成为报警。",
    "text.report_in": "{seconds} 秒后通知警务站；在此之前有人接手，则不通知。",
    "text.repeat": "至今无人接手此报警。如果您能处理，请应答。",
    "station.question": "{by}：{text} 请在 Home Assistant 中“回复警务站”，或打电话答复。",
    "text.help": "请在确保安全的前提下前往或打电话。若已接入警务站，警务站已知晓。",
    "text.clearing": "所有探测器均已恢复正常。报警会保持，直到有人在家中复位；"
    "燃气阀保持关闭。",
    "text.protection_lost": "联系不上该探测器，或它报告故障。恢复之前请不要依赖它。",
    "text.protection_back": "该探测器已恢复工作。",
    "text.many_lost": "原因应当相同：网关或供电中断，或无线信号受到干扰。"
    "恢复之前请不要依赖它们：{names}",
    "text.many_back": "已全部恢复工作。",
    "text.some_back": "尚未恢复：{names}",
    "text.battery_low": "请更换电池。目前没有危险。",
    "text.tampered": "如果不是您所为，请前去查看。它仍能报警。",
    "text.member_lost": "群组掩盖了这一情况，以下成员没有任何消息：{names}",
    "text.life_ending": "可靠使用的时间已不足两个月。",
    "text.life_over": "请不要再依赖它，并尽快更换。",
    "text.unreachable": "报警时将无法控制它。请检查电源和连接。",
    "text.test_due": "已有一个月没有演练，也没有测试过探测器。"
    "请按一下探测器的测试键，或开始一次演练。",
    "text.exercise_due": "它已有一个月没有动作。请在家时打开 Home Assistant 中的维修项："
    "系统会关闭阀门，再由您打开。",
    "text.exercise_failed": "例行活动时未能证实它的位置。请查看它是否处于打开状态；"
    "报警时它可能失灵。",
    "text.exercise_cut": "其间发生了报警或系统重启。请查看它的位置：它可能仍然关着。",
    "text.put_back": "演练动过以下设备，请将其恢复原位：{names}",
    "text.test": "这是一次测试。没有发生任何事情，无需处理。",
    "station.number": "编号 {number}",
    "station.unit": "出警单位：{unit}",
    "station.eta": "预计 {minutes} 分钟到达",
    "station.rejected": "原因：{reason}。请打电话求助。",
    "ordered.closed": "{name}：正在关闭，尚未证实",
    "ordered.open": "{name}：正在打开，尚未证实",
    "ordered.on": "{name}：正在开启，尚未证实",
    "ordered.off": "{name}：正在停止，尚未证实",
    "ordered.unlocked": "{name}：正在开锁，尚未证实",
    "confirmed.unlocked": "{name}：已开锁",
    "failed.unlocked": "{name}：未能开锁",
    "there.unlocked": "{name}：原本就未上锁",
    "skipped.unlocked": "{name}：未开锁{reason}",
    "confirmed.closed": "{name}：已关闭",
    "confirmed.open": "{name}：已打开",
    "confirmed.on": "{name}：已开启",
    "confirmed.off": "{name}：已停止",
    "failed.closed": "{name}：未能关闭",
    "failed.open": "{name}：未能打开",
    "failed.on": "{name}：未能开启",
    "failed.off": "{name}：未能停止",
    "there.closed": "{name}：原本就已关闭",
    "there.open": "{name}：原本就已打开",
    "there.on": "{name}：原本就已开启",
    "there.off": "{name}：原本就已停止",
    "skipped.closed": "{name}：未关闭{reason}",
    "skipped.open": "{name}：未打开{reason}",
    "skipped.on": "{name}：未开启{reason}",
    "skipped.off": "{name}：未停止{reason}",
    "reason.not_ignition_safe": "，因为可能引燃燃气",
    "reason.feeds_fire": "，因为可能助长火势",
    "reason.rain": "，因为正在下雨",
    "reason.child_lock": "，因为童锁已锁，或无法确认",
    "reason.window_locked": "，因为窗已锁，或无法确认",
    "reason.level_too_high": "，因为燃气浓度过高，不宜动作",
    "reason.drill": "，因为这是演练",
    "reason.removed": "，因为它已不在配置中",
    "reason.reopened": "，因为有人绕过联锁把它打开",
    "reason.superseded": "，因为已有人接手",
    "reason.incident_closed": "，因为报警已复位",
    "acknowledge": "我来处理",
    "safe": "我安全",
    "well": "我很好",
    "help": "需要帮助",
    "somebody": "有人",
}

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    DEFAULT_LANGUAGE: {**_ENGLISH, **panel_words.ENGLISH},
    CHINESE: {**_CHINESE, **panel_words.CHINESE},
}


def word(key: str, language: str) -> str:
    """Return a single text, such as that of the acknowledge button."""
    return _WORDS[language][key]
