"""What people are told of devices that need them, in both languages."""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
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
}

CHINESE: Final[Mapping[str, str]] = {
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
    "text.exercise_due": "它已有一个月没有动作。请在家时打开 Home Assistant 中的修复项："
    "系统会关闭阀门，再由您打开。",
    "text.exercise_failed": "例行活动时未能证实它的位置。请查看它是否处于打开状态；"
    "报警时它可能失灵。",
    "text.exercise_cut": "其间发生了报警或系统重启。请查看它的位置：它可能仍然关着。",
}
