"""What the names of devices say, in English and Chinese."""

from collections.abc import Mapping
import re
from typing import Final
import unicodedata

from ..safety.vocabulary import Hazard

HAZARDS: Final[Mapping[Hazard, re.Pattern[str]]] = {
    hazard: re.compile(pattern)
    for hazard, pattern in {
        Hazard.GAS: (
            r"\bgas\b|\blel\b|methane|propane|\blpg\b|燃气|煤气|天然气|液化气|可燃气"
            r"|沼气|瓦斯|甲烷"
        ),
        Hazard.CARBON_MONOXIDE: r"\bco\b|carbon ?monoxide|一氧化碳",
        Hazard.SMOKE: (
            r"smoke|\bfire\b|\bheat (alarm|detect|sensor)|烟雾|烟感|烟感器|火警|火灾"
            r"|感温|温感|高温报警"
        ),
        Hazard.WATER: r"\bwater\b|flood|moisture|漏水|水浸|浸水|溢水|积水",
        Hazard.SOS: (
            r"\bsos\b|panic|emergency (button|call)|help button|求救|求助|呼救"
            r"|紧急(按钮|呼叫)|一键(报警|求助)"
        ),
    }.items()
}
LEAK: Final = re.compile(r"\bleak|渗漏|泄漏|泄露")
ALARM: Final = re.compile(
    r"alarm|detect|leak|报警|告警|警报|泄漏|泄露|探测|状态|status"
)
NOT_AN_ALARM: Final = re.compile(
    r"test|check|battery|fault|failure|tamper|warm|pre ?heat|silen|\bmut|buzzer|volume"
    r"|ring ?tone|duration|switch|linkage|life|\beol\b|power|sensitivity|result|self"
    r"|max|threshold|limit|防拆|电池|电量|故障|自检|预热|消音|静音|蜂鸣|联动|寿命"
    r"|灵敏度|阈值|上限|音量|结果"
)
# What is wet and no leak: the weather, and the earth of plants.
WET_OUTSIDE: Final = re.compile(
    r"\brain|weather|\bsoil\b|\bplants?\b|雨|土壤|花盆|植物"
)
WARM_UP: Final = re.compile(r"warm|pre ?heat|预热")
FAULT: Final = re.compile(r"fault|failure|malfunction|故障")
END_OF_LIFE: Final = re.compile(r"end ?of ?life|\beol\b|life ?(cycle|time)|寿命|失效")

VALVE: Final = re.compile(r"valve|阀|机械手")
GAS: Final = HAZARDS[Hazard.GAS]
WATER: Final = re.compile(r"\bwater\b|水阀|总水|进水|自来水|水管|给水|供水|^水|\b水\b")
SHUTS: Final = re.compile(r"shut|clos|\bcut|切断|关闭|关断|关阀")
NOT_A_VALVE: Final = re.compile(
    r"child|lock|linkage|indicator|\bled\b|buzzer|alarm|timer|schedule|boost|away"
    r"|童锁|联动|指示灯|蜂鸣|报警|定时"
)
GARDEN: Final = re.compile(
    r"garden|irrigat|sprinkler|\blawn|drip|radiator|heating|\btrv\b"
    r"|浇|灌溉|喷淋|喷灌|花园|地暖|散热|暖气"
)
WINDOW: Final = re.compile(r"window|skylight|窗")
NOT_A_WINDOW: Final = re.compile(r"curtain|blind|shade|shutter|awning|帘|纱|遮阳|百叶")
NOT_A_DOOR: Final = re.compile(r"child|\bcar\b|vehicle|trunk|童锁|车")
WAY_OUT: Final = re.compile(
    r"hall|corridor|stair|entrance|entry|landing|exit|foyer|passage"
    r"|走廊|楼梯|玄关|过道|门厅|门口|通道|出口|疏散|应急"
)
EXTRACTOR: Final = re.compile(
    r"extract|exhaust|ventilat|\bhood\b|fresh air|\berv\b|\bhrv\b"
    r"|排气|换气|抽风|排风|新风|通风|油烟机"
)


def plain(*texts: str | None) -> str:
    """Return texts as the patterns read them."""
    joined = unicodedata.normalize("NFKC", " ".join(t for t in texts if t))
    return re.sub(r"[\W_]+", " ", joined.casefold()).strip()


def hazards_in(text: str) -> set[Hazard]:
    """Return the hazards that a text names."""
    found = {hazard for hazard, words in HAZARDS.items() if words.search(text)}
    if not found and LEAK.search(text):
        return {Hazard.WATER}
    return found
