"""What people are told of the station, in both languages."""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "title.station.rejected": "The station refused the report from {home}",
    "title.station.acknowledged": "The station has taken the alarm at {home}",
    "title.station.dispatched": "Help is on its way to {home}",
    "title.station.on_scene": "Help has arrived at {home}",
    "title.station.closed": "The station has closed the alarm at {home}",
    "title.question": "The station asks ({home})",
    "station.question": "{by}: {text} Answer in Home Assistant (Answer the station), or "
    "by phone.",
    "station.number": "Number {number}",
    "station.unit": "Unit: {unit}",
    "station.eta": "Expected in {minutes} min",
    "station.rejected": "Reason: {reason}. Call for help by phone.",
}

CHINESE: Final[Mapping[str, str]] = {
    "title.station.rejected": "警务站未受理{home}的报警",
    "title.station.acknowledged": "警务站已接警：{home}",
    "title.station.dispatched": "救援正赶往{home}",
    "title.station.on_scene": "救援已到达{home}",
    "title.station.closed": "警务站已结束{home}的报警",
    "title.question": "警务站询问（{home}）",
    "station.question": "{by}：{text} 请在 Home Assistant 中“回复警务站”，或打电话答复。",
    "station.number": "编号 {number}",
    "station.unit": "出警单位：{unit}",
    "station.eta": "预计 {minutes} 分钟到达",
    "station.rejected": "原因：{reason}。请打电话求助。",
}
