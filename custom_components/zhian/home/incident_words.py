"""What people are told of an incident and may answer, in both languages.

The first line of every gas message says what to do, because it may be the only line that
is read.
"""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
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
    "text.help": "Go there or phone, if you can do so safely. The station knows, if "
    "this home has one.",
    "text.clearing": "All detectors are clear. The alarm stays on until somebody at "
    "home resets it; the gas valve stays closed.",
    "text.put_back": "The drill has moved these; put them back: {names}",
    "text.test": "This is a test. Nothing has happened and there is nothing to do.",
    "acknowledge": "I am taking this",
    "safe": "I am safe",
    "well": "I am well",
    "help": "Send help",
    "somebody": "Somebody",
}

CHINESE: Final[Mapping[str, str]] = {
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
    "text.help": "请在确保安全的前提下前往或打电话。若已接入警务站，警务站已知晓。",
    "text.clearing": "所有探测器均已恢复正常。报警会保持，直到有人在家中复位；"
    "燃气阀保持关闭。",
    "text.put_back": "演练动过以下设备，请将其恢复原位：{names}",
    "text.test": "这是一次测试。没有发生任何事情，无需处理。",
    "acknowledge": "我来处理",
    "safe": "我安全",
    "well": "我很好",
    "help": "需要帮助",
    "somebody": "有人",
}
