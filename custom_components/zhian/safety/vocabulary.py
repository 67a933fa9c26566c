"""The words of the kernel: every closed set is an enum."""

from enum import StrEnum


class Hazard(StrEnum):
    """What threatens the people in the home."""

    GAS = "gas"
    CARBON_MONOXIDE = "carbon_monoxide"
    SMOKE = "smoke"
    WATER = "water"
    INTRUSION = "intrusion"
    SOS = "sos"
    INACTIVITY = "inactivity"


class Level(StrEnum):
    """What a detector says; the last three mean that it protects nobody."""

    NORMAL = "normal"
    PRE_ALARM = "pre_alarm"
    ALARM = "alarm"
    WARMING_UP = "warming_up"
    FAULT = "fault"
    LOST = "lost"

    @property
    def is_protecting(self) -> bool:
        """Whether a detector at this level would notice its hazard."""
        return self in _PROTECTING


_PROTECTING = frozenset({Level.NORMAL, Level.PRE_ALARM, Level.ALARM})


class Presence(StrEnum):
    """Whether an incident's hazard is there."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """Where an incident stands. Acknowledged is not reset, reset is not closed."""

    PRE_ALARM = "pre_alarm"
    ALARM = "alarm"
    CLEARING = "clearing"
    CLOSED = "closed"


class ContactRole(StrEnum):
    """Who a contact is to the home, nearest first."""

    RESIDENT = "resident"
    RELATIVE = "relative"
    NEIGHBOUR = "neighbour"


class Response(StrEnum):
    """What a person answers who does not take the incident."""

    SAFE = "safe"
    HELP = "help"


class Position(StrEnum):
    """Where an actuator is, or is told to go."""

    OPEN = "open"
    CLOSED = "closed"
    ON = "on"
    OFF = "off"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    MOVING = "moving"
    UNKNOWN = "unknown"


class ActuatorRole(StrEnum):
    """What an actuator is for."""

    GAS_VALVE = "gas_valve"
    WATER_VALVE = "water_valve"
    WINDOW = "window"
    SIREN = "siren"
    LOCK = "lock"
    LIGHT = "light"
    FAN = "fan"
    HVAC = "hvac"


class Standard(StrEnum):
    """Whose gates the counters of a carbon monoxide detector follow."""

    EN_50291 = "en_50291"
    UL_2034 = "ul_2034"


class Witness(StrEnum):
    """What proves that an actuator obeyed."""

    REPORT = "report"
    """Its own next report: the device measures its position."""
    LATE_REPORT = "late_report"
    """Its own report, but not the first half second's: that is the command's echo."""
    READ_BACK = "read_back"
    """Its own answer when it is asked where it is, after the time of its journey."""
    ENTITY = "entity"
    """Another entity, such as a contact on the valve."""
    FLOW = "flow"
    """A meter of what flows through it."""


class Outcome(StrEnum):
    """How far a step has come."""

    PENDING = "pending"
    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_settled(self) -> bool:
        """Whether the step has ended."""
        return self in _SETTLED


_SETTLED = frozenset({Outcome.CONFIRMED, Outcome.FAILED, Outcome.SKIPPED})


class Reason(StrEnum):
    """Why a step failed, was skipped, or a request was refused."""

    UNAVAILABLE = "unavailable"
    """The device could not be reached."""
    MISSING = "missing"
    """The entity does not exist."""
    ERROR = "error"
    """The action raised an error."""
    TIMEOUT = "timeout"
    """The action did not return in time."""
    UNCONFIRMED = "unconfirmed"
    """No fresh report showed the target in time."""
    NOT_IGNITION_SAFE = "not_ignition_safe"
    """Switching it could ignite the gas."""
    FEEDS_FIRE = "feeds_fire"
    """It would give air to a fire."""
    LEVEL_TOO_HIGH = "level_too_high"
    """Too much gas, or for too long, to move a window."""
    RAIN = "rain"
    """It would rain in."""
    CHILD_LOCK = "child_lock"
    """The window's child lock is on, or nobody can tell."""
    WINDOW_LOCKED = "window_locked"
    """The window is locked, or nobody can tell."""
    OBSTRUCTED = "obstructed"
    """Something is in its way."""
    ALREADY_THERE = "already_there"
    """It stood at the target before the order and reported nothing since."""
    REOPENED = "reopened"
    """Somebody opened it past the lock more than once: it stays as it is."""
    SUPERSEDED = "superseded"
    """A later step wants something else of the same actuator."""
    DRILL = "drill"
    """A drill moves nothing."""
    REMOVED = "removed"
    """The actuator is no longer configured."""
    INCIDENT_CLOSED = "incident_closed"
    """A person reset the incident before the step ended."""
    HAZARD_PRESENT = "hazard_present"
    DETECTOR_UNKNOWN = "detector_unknown"
    NOT_CLEAR_LONG_ENOUGH = "not_clear_long_enough"
    INCIDENT_OPEN = "incident_open"
    NOT_ON_SITE = "not_on_site"
    NOT_CONFIRMED_BY_PERSON = "not_confirmed_by_person"
    NO_SUCH_INCIDENT = "no_such_incident"
    NO_SUCH_QUESTION = "no_such_question"
    NO_SUCH_ACTUATOR = "no_such_actuator"
    NOT_READY = "not_ready"
    """Something is open, or does not work, that was to be watched."""
    DISARM_FIRST = "disarm_first"
    """An alarm or an entry delay is on: arming must not end it."""
    NO_SUCH_DETECTOR = "no_such_detector"
    NO_SUCH_HAZARD = "no_such_hazard"
    """The home has nothing that would notice it."""
    NOT_OPEN = "not_open"
    """A valve that does not stand open is not exercised."""
    EXERCISING = "exercising"
    """A valve is being moved to and fro: a drill waits for that."""
    INTERRUPTED = "interrupted"
    """The program ended in the middle of it."""


class Message(StrEnum):
    """What people are told; the shell finds the words."""

    PRE_ALARM = "pre_alarm"
    UNCONFIRMED = "unconfirmed"
    """One detector is in alarm, and another one has to agree."""
    PRE_ALARM_OVER = "pre_alarm_over"
    ASK = "ask"
    """To a person who has not been seen to move for too long."""
    WELL = "well"
    """A sign of life: the question is withdrawn."""
    ALARM = "alarm"
    STEP_FAILED = "step_failed"
    STEP_CONFIRMED = "step_confirmed"
    STILL_FLOWING = "still_flowing"
    STILL_RISING = "still_rising"
    OBSTRUCTED = "obstructed"
    REOPENED = "reopened"
    CLEARING = "clearing"
    UNANSWERED = "unanswered"
    """To the next rung: nobody has answered so far."""
    REPEAT = "repeat"
    """To everybody, quietly: still nobody has answered."""
    SAFE = "safe"
    HELP = "help"
    ACKNOWLEDGED = "acknowledged"
    STATION = "station"
    QUESTION = "question"
    """The station wants to know something."""
    CLOSED = "closed"
    PROTECTION_LOST = "protection_lost"
    PROTECTION_BACK = "protection_back"
    RISEN = "risen"
    """More speaks for a break-in than before."""
    LEFT_OPEN = "left_open"
    """A door or window stands open in a home where somebody may be in."""
    WATCH_LOST = "watch_lost"
    """While armed: a contact that does not speak any more."""
    BYPASSED = "bypassed"
    """Armed without a detector that is open or does not work."""
    WRONG_CODES = "wrong_codes"
    DURESS = "duress"
    """Silently: somebody was made to use a code."""
    MANY_LOST = "many_lost"
    MANY_BACK = "many_back"
    BATTERY_LOW = "battery_low"
    TAMPERED = "tampered"
    MEMBER_LOST = "member_lost"
    LIFE_ENDING = "life_ending"
    LIFE_OVER = "life_over"
    UNREACHABLE = "unreachable"
    TEST_DUE = "test_due"
    EXERCISE_DUE = "exercise_due"
    EXERCISE_FAILED = "exercise_failed"
    EXERCISE_CUT = "exercise_cut"
    """An incident or a restart came between; the valve may stand closed."""
    TEST = "test"


class Lack(StrEnum):
    """What is wrong with a detector or an actuator, worst first."""

    LOST = "lost"
    FAULT = "fault"
    LIFE_OVER = "life_over"
    WARMING_UP = "warming_up"
    TAMPERED = "tampered"
    MEMBER_LOST = "member_lost"
    UNREACHABLE = "unreachable"
    EXERCISE_FAILED = "exercise_failed"
    BATTERY_LOW = "battery_low"
    LIFE_ENDING = "life_ending"
    NO_INSTALL_DATE = "no_install_date"


class Ending(StrEnum):
    """Why an incident was closed."""

    RESET = "reset"
    """A person on site ended it."""
    PRE_ALARM_OVER = "pre_alarm_over"
    """The level fell back before it was ever an alarm."""
    PERSON_WELL = "person_well"
    """The person who was asked has moved, or has said that they are well."""
    DRILL_OVER = "drill_over"
    """The drill's time was up, or somebody ended it."""
    REAL_ALARM = "real_alarm"
    """A real alarm ended the drill."""
    DISARMED = "disarmed"
    """A person with a code disarmed the home."""
    STATION = "station"
    """The station ended a silent call, which nobody at home may see."""


class Finding(StrEnum):
    """What speaks for a break-in."""

    OWNER = "owner"
    """Somebody with a code has disarmed."""
    ONE_DETECTOR = "one_detector"
    SEVERAL_DETECTORS = "several_detectors"
    PERSON_SEEN = "person_seen"
    """A camera or a person has seen somebody who does not belong here."""
    BREAK_IN = "break_in"
    """Glass has broken, or somebody has seen the damage."""
    THREAT = "threat"
    """Somebody has asked for help."""
    DURESS = "duress"
    """Somebody was made to use a code."""


class StationStatus(StrEnum):
    """How far the station has come with an incident."""

    NONE = "none"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    ON_SCENE = "on_scene"
    CLOSED = "closed"


class Gas(StrEnum):
    """The fuel gas of a home."""

    NATURAL_GAS = "natural_gas"
    PROPANE = "propane"
    BUTANE = "butane"
    HYDROGEN = "hydrogen"
    TOWN_GAS = "town_gas"
