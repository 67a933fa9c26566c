"""What people are told of intrusion and of the panel, in both languages."""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "title.risen": "More speaks for a break-in at {home}: {name}",
    "title.left_open": "{name} is still open at {home}",
    "title.watch_lost": "{name} fell silent while {home} is armed",
    "title.bypassed": "{home} is armed without {name}",
    "title.wrong_codes": "Several wrong codes at {home}",
    "title.duress": "Silent call for help from {home}",
    "title.closed.disarmed": "{home} was disarmed, the {hazard} alarm is over",
    "advice.intrusion": "Do not confront anybody. Go where you are safe and phone.",
    "advice.silent": "Somebody was made to use the alarm code. Do not phone them and do "
    "not go there: it could put them in danger. The station knows, if this home has one; "
    "if not, call the police.",
    "text.clearing.intrusion": "Every door and window is closed again. The alarm stays "
    "on until somebody disarms or resets it.",
    "text.risen": "Another detector has alarmed.",
    "text.left_open": "Close it if it is not meant to be open.",
    "text.watch_lost": "It may be a weak battery, or somebody who disturbs the radio. "
    "Have a look, or ask somebody to.",
    "text.bypassed": "It is open or does not work, and is not watched until the home is "
    "disarmed.",
    "text.wrong_codes": "The keypad is locked for a while. If it was nobody of yours, "
    "look who has access to Home Assistant.",
}

CHINESE: Final[Mapping[str, str]] = {
    "title.risen": "{home}入侵迹象增强：{name}",
    "title.left_open": "{home}：{name}仍开着",
    "title.watch_lost": "{home}布防期间{name}失去联系",
    "title.bypassed": "{home}已布防，但未包含{name}",
    "title.wrong_codes": "{home}多次输入错误密码",
    "title.duress": "来自{home}的无声求助",
    "title.closed.disarmed": "{home}已撤防，{hazard}报警结束",
    "advice.intrusion": "不要与人对峙。先到安全的地方，再打电话。",
    "advice.silent": "有人被迫使用了密码。不要打电话联系，也不要前往，以免危及对方。"
    "若已接入警务站，警务站已知晓；否则请报警。",
    "text.clearing.intrusion": "门窗均已重新关闭。报警会保持，直到有人撤防或复位。",
    "text.risen": "又有一个探测器报警。",
    "text.left_open": "如果不需要开着，请关上。",
    "text.watch_lost": "可能是电量不足，也可能有人干扰信号。请查看，或请人查看。",
    "text.bypassed": "它开着或无法工作，撤防之前不受监视。",
    "text.wrong_codes": "键盘已暂时锁定。如果不是家人所为，请检查谁能访问 Home Assistant。",
}
