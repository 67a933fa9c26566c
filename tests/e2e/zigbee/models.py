"""The models that are tried: how Zigbee2MQTT knows them and how they speak."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

type ValveKind = Literal["on_off", "tuya", "level"]

IAS: Final = (0, 3, 1280)
IAS_BATTERY: Final = (0, 1, 3, 1280)
TUYA: Final = (0, 4, 5, 61184)
ON_OFF: Final = (0, 3, 6)
ON_OFF_BATTERY: Final = (0, 1, 3, 6)

# What a device says at the radio: see radio.cjs.
ZONE_QUIET, ZONE_1, ZONE_2 = "zone?status=0", "zone?status=1", "zone?status=2"


def dp(number: int, value: int, *, kind: int = 4) -> str:
    """Return a report of a Tuya datapoint; 1 is a bool, 2 a number, 4 an enum."""
    return f"tuya?dp={number}&type={kind}&value={value}"


def heiman(attribute: int, value: int) -> str:
    """Return a report of an attribute in Heiman's own cluster."""
    return f"attribute?cluster=64656&id={attribute}&value={value}&manufacturer=4619"


def lumi(attribute: int, value: int) -> str:
    """Return a report of an attribute in Aqara's own cluster."""
    return f"attribute?cluster=64704&id={attribute}&value={value}&manufacturer=4447"


@dataclass(frozen=True, slots=True)
class Sense:
    """One entity of a model that is bound as a detector.

    `hazard` is None where the entity tells it by itself. `also` is what the device can
    say that is neither quiet nor an alarm, by the level that is expected of it. A button
    is quiet without a word.
    """

    entity: str
    quiet: tuple[str, ...]
    alarm: tuple[str, ...]
    hazard: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def notices(self) -> str:
        """The hazard that its alarm is expected to be taken for."""
        named = (h for end, h in _NAMED.items() if self.entity.endswith(end))
        return self.hazard or next(named, "gas")


_NAMED: Final = {
    "carbon_monoxide": "carbon_monoxide",
    "smoke": "smoke",
    "water_leak": "water",
}


@dataclass(frozen=True, slots=True)
class Valve:
    """The entity of a model that is bound as a valve."""

    entity: str
    kind: ValveKind
    role: Literal["gas_valve", "water_valve"] = "gas_valve"
    proof: Literal["late_report", "read_back"] = "read_back"
    """What the flow proposes, after it has asked the device."""


@dataclass(frozen=True, slots=True)
class Model:
    """A device of the network.

    `manufacturer` and `model_id` are what the device says of itself: by them the
    converters recognise the model, exactly as after a real join.
    """

    address: int
    vendor: str
    model: str
    name: str
    manufacturer: str
    model_id: str
    clusters: tuple[int, ...]
    senses: tuple[Sense, ...] = ()
    valve: Valve | None = None
    note: str = ""

    @property
    def ieee(self) -> str:
        """Its IEEE address."""
        return f"0xa4c138000000{self.address:04x}"

    @property
    def device_id(self) -> int:
        """The kind of device: an IAS zone, or a smart plug."""
        return 1026 if 1280 in self.clusters else 81


def _zone(entity: str, alarm: str = ZONE_1, hazard: str | None = None) -> Sense:
    return Sense(f"binary_sensor.{entity}", (ZONE_QUIET,), (alarm,), hazard)


def _tuya_gas(
    name: str,
    *,
    warm_up: tuple[str, str] | None = None,
    fault: tuple[str, str] | None = None,
    rest: tuple[str, ...] = (),
) -> Sense:
    """Return a Tuya gas detector's binary sensor: datapoint 1, 0 is the alarm.

    `warm_up` and `fault` are an entity and the report that turns it on; what turns them
    off is in `rest`.
    """
    details = {}
    also = {}
    if warm_up:
        details["warm_up_entity"] = warm_up[0]
        also["warming_up"] = (warm_up[1],)
    if fault:
        details["fault_entity"] = fault[0]
        also["fault"] = (fault[1],)
    return Sense(
        f"binary_sensor.{name}_gas",
        (dp(1, 1), *rest),
        (dp(1, 0),),
        details=details,
        also=also,
    )


DETECTORS: Final = (
    Model(
        *(0x1001, "Heiman", "HS1CG-E", "heiman_gas"),
        *("HEIMAN", "GASSensor-EM", IAS),
        senses=(_zone("heiman_gas_gas"),),
    ),
    Model(
        *(0x1002, "Heiman", "HS3CG", "heiman_gas_3"),
        *("HEIMAN", "GASSensor-N", IAS),
        senses=(_zone("heiman_gas_3_gas", ZONE_2),),
    ),
    Model(
        *(0x1003, "Tuya", "TS0204", "tuya_gas"),
        *("_TYZB01_0w3d5uw3", "TS0204", IAS),
        senses=(_zone("tuya_gas_gas"),),
    ),
    Model(
        *(0x1004, "IMOU", "ZGA1-EN", "imou_gas"),
        *("MultIR", "ZGA1-EN", IAS),
        senses=(
            _zone("imou_gas_gas_alarm_1", hazard="gas"),
            _zone("imou_gas_gas_alarm_2", ZONE_2, hazard="gas"),
        ),
        note="the hazard is to be chosen: the entities have no device class",
    ),
    Model(
        *(0x1005, "Sunricher", "SR-ZG9060A-GS", "sunricher_gas"),
        *("Sunricher", "HK-SENSOR-GAS", (*IAS, 1282)),
        senses=(
            _zone("sunricher_gas_gas_alarm_1", hazard="gas"),
            _zone("sunricher_gas_gas_alarm_2", ZONE_2, hazard="gas"),
        ),
        note="the hazard is to be chosen: the entities have no device class",
    ),
    Model(
        *(0x1006, "Tuya", "SM0212", "tuya_sm0212"),
        *("_TYST11", "SM0212", IAS),
        senses=(_zone("tuya_sm0212_gas_alarm_1", hazard="gas"),),
        note="the hazard is to be chosen: the entities have no device class",
    ),
    Model(
        *(0x1007, "Aqara", "JT-BZ-01AQ/A", "aqara_gas"),
        *("LUMI", "lumi.sensor_gas.acn02", (0, 3, 64704)),
        senses=(
            Sense(
                "binary_sensor.aqara_gas_gas",
                (lumi(314, 0), lumi(313, 0)),
                (lumi(314, 1),),
                details={"warm_up_entity": "binary_sensor.aqara_gas_state"},
                also={"warming_up": (lumi(313, 1),)},
            ),
            Sense(
                "sensor.aqara_gas_gas_density",
                (lumi(315, 0),),
                (lumi(315, 12),),
                hazard="gas",
                also={"pre_alarm": (lumi(315, 6),)},
            ),
        ),
    ),
    Model(
        *(0x3001, "Tuya", "TS0601_gas_sensor_1", "tuya_gas_1"),
        *("_TZE200_ggev5fsl", "TS0601", TUYA),
        senses=(
            _tuya_gas(
                "tuya_gas_1",
                fault=("binary_sensor.tuya_gas_1_fault_alarm", dp(11, 1, kind=2)),
                rest=(dp(11, 0, kind=2),),
            ),
        ),
    ),
    Model(
        *(0x3002, "Tuya", "TS0601_gas_sensor_2", "tuya_gas_2"),
        *("_TZE200_yojqa8xn", "TS0601", TUYA),
        senses=(
            _tuya_gas(
                "tuya_gas_2",
                warm_up=("binary_sensor.tuya_gas_2_preheat", dp(10, 1, kind=1)),
                rest=(dp(10, 0, kind=1),),
            ),
            Sense(
                "sensor.tuya_gas_2_gas_value",
                (dp(2, 0, kind=2),),
                (dp(2, 220, kind=2),),
                hazard="gas",
                also={"pre_alarm": (dp(2, 60, kind=2),)},
            ),
        ),
        note="%LEL, spelled `LEL`",
    ),
    Model(
        *(0x3003, "Tuya", "TS0601_gas_sensor_4", "tuya_gas_4"),
        *("_TZE200_mby4kbtq", "TS0601", TUYA),
        senses=(
            _tuya_gas(
                "tuya_gas_4",
                warm_up=("binary_sensor.tuya_gas_4_preheat", dp(10, 1, kind=1)),
                fault=("binary_sensor.tuya_gas_4_fault_alarm", dp(11, 1, kind=2)),
                rest=(dp(10, 0, kind=1), dp(11, 0, kind=2)),
            ),
        ),
    ),
    Model(
        *(0x3004, "Tuya", "ZG-225Z", "tuya_ppm"),
        *("_TZE200_8isdky6j", "TS0601", TUYA),
        senses=(
            _tuya_gas("tuya_ppm"),
            Sense(
                "sensor.tuya_ppm_gas_value",
                (dp(2, 0, kind=2),),
                (dp(2, 5000, kind=2),),
                hazard="gas",
                also={"pre_alarm": (dp(2, 2500, kind=2),)},
            ),
        ),
        note="ppm, converted to %LEL of the home's gas",
    ),
    Model(
        *(0x3005, "Nous", "E9", "nous_gas"),
        *("_TZE204_qvxrkeif", "TS0601", TUYA),
        senses=(
            _tuya_gas(
                "nous_gas",
                warm_up=("binary_sensor.nous_gas_warming_up", dp(10, 1, kind=1)),
                fault=("binary_sensor.nous_gas_fault", dp(11, 1, kind=5)),
                rest=(dp(10, 0, kind=1), dp(11, 0, kind=5)),
            ),
        ),
    ),
    Model(
        *(0x3006, "Spacetronik", "ZB-DG03", "spacetronik_lpg"),
        *("_TZE204_v6iczj35", "TS0601", TUYA),
        senses=(
            _tuya_gas(
                "spacetronik_lpg",
                warm_up=("binary_sensor.spacetronik_lpg_preheat", dp(10, 1)),
                fault=("sensor.spacetronik_lpg_fault", dp(11, 3)),
                rest=(dp(10, 0), dp(11, 0)),
            ),
        ),
        note="the fault is a word (`sensor_fault`)",
    ),
    Model(
        *(0x3007, "Meian", "GA01", "meian_gas"),
        *("_TZE200_ioxkjvuz", "TS0601", TUYA),
        senses=(
            _tuya_gas(
                "meian_gas",
                warm_up=("binary_sensor.meian_gas_preheat", dp(16, 1, kind=1)),
                fault=("sensor.meian_gas_self_test_result", dp(9, 2)),
                rest=(dp(16, 0, kind=1), dp(9, 1)),
            ),
        ),
        note="the fault is a failed self-test (`failure`)",
    ),
    Model(
        *(0x3008, "Lincukoo", "E04CF-Z10T", "lincukoo"),
        *("_TZE204_ra9zfiwr", "TS0601", TUYA),
        senses=(
            Sense(
                "sensor.lincukoo_gas_sensor_state",
                (dp(1, 0, kind=2),),
                (dp(1, 1, kind=2),),
                hazard="gas",
                details={"alarm_states": ["alarm"], "normal_states": ["normal"]},
            ),
            Sense(
                "sensor.lincukoo_co",
                (dp(19, 0, kind=2),),
                (dp(19, 60, kind=2),),
                hazard="carbon_monoxide",
                details={"alarm": 50.0},
            ),
        ),
        note="Home Assistant refuses its numeric `gas`: a volume has no %LEL",
    ),
    Model(
        *(0x3009, "Tuya", "DCR-RQJ", "tuya_dual"),
        *("_TZE200_iuk8kupi", "TS0601", TUYA),
        senses=(
            _tuya_gas("tuya_dual"),
            Sense(
                "sensor.tuya_dual_gas_value",
                (dp(2, 0, kind=2),),
                (dp(2, 12_000, kind=2),),
                hazard="gas",
                also={"pre_alarm": (dp(2, 6_000, kind=2),)},
            ),
            Sense(
                "binary_sensor.tuya_dual_carbon_monoxide",
                (dp(18, 1),),
                (dp(18, 0),),
            ),
        ),
        note="%LEL, spelled `LEL %`",
    ),
    Model(
        *(0x300A, "Nous", "E12", "nous_co"),
        *("_TZE284_sonkaxrd", "TS0601", TUYA),
        senses=(
            Sense(
                "binary_sensor.nous_co_carbon_monoxide",
                (dp(1, 1), dp(10, 0, kind=1), dp(12, 1, kind=1)),
                (dp(1, 0),),
                details={
                    "warm_up_entity": "binary_sensor.nous_co_warming_up",
                    "fault_entity": "binary_sensor.nous_co_end_of_life",
                },
                also={
                    "warming_up": (dp(10, 1, kind=1),),
                    "fault": (dp(12, 0, kind=1),),
                },
            ),
            Sense(
                "sensor.nous_co_carbon_monoxide_value",
                (dp(2, 0, kind=2),),
                (dp(2, 60, kind=2),),
                hazard="carbon_monoxide",
                details={"alarm": 50.0},
            ),
        ),
        note="the fault is its end of life",
    ),
    Model(
        *(0x100B, "Heiman", "HS1CA-E-PLUS", "heiman_co_plus"),
        *("HEIMAN", "HS1CA-E-PLUS", (*IAS_BATTERY, 1026, 1036, 64656)),
        senses=(
            Sense(
                "sensor.heiman_co_plus_alarm_state",
                (heiman(0x13, 0), heiman(0, 0), heiman(2, 0)),
                (heiman(0x13, 3),),
                hazard="carbon_monoxide",
                details={
                    "alarm_states": ["warning_alarm", "critical_alarm"],
                    "pre_alarm_states": ["prealarm"],
                    "normal_states": ["normal"],
                    "warm_up_entity": "sensor.heiman_co_plus_preheating",
                    "fault_entity": "sensor.heiman_co_plus_fault_state",
                },
                also={
                    "pre_alarm": (heiman(0x13, 1),),
                    "warming_up": (heiman(0, 1),),
                    "fault": (heiman(2, 1),),
                },
            ),
            Sense(
                "binary_sensor.heiman_co_plus_carbon_monoxide",
                (ZONE_QUIET, heiman(6, 0)),
                (ZONE_1,),
                details={"fault_entity": "sensor.heiman_co_plus_endoflife"},
                also={"fault": (heiman(6, 2),)},
            ),
        ),
        note="alarm, warm-up, fault and end of life are words of its own",
    ),
    Model(
        *(0x1008, "Heiman", "HS1CA-E", "heiman_co"),
        *("HEIMAN", "COSensor-EM", IAS_BATTERY),
        senses=(_zone("heiman_co_carbon_monoxide"),),
    ),
    Model(
        *(0x300B, "Tuya", "TS0601_sos", "sos_button"),
        *("_TZE284_2baujqot", "TS0601", TUYA),
        senses=(
            Sense(
                "event.sos_button_action",
                (),
                (dp(23, 1, kind=1),),
                hazard="sos",
                details={"alarm_states": ["emergency"]},
            ),
        ),
        note="needs `experimental_event_entities` in Zigbee2MQTT; calls for help",
    ),
    Model(
        *(0x1009, "Heiman", "HS3SA/HS1SA", "heiman_smoke"),
        *("HEIMAN", "SmokeSensor-EM", IAS_BATTERY),
        senses=(_zone("heiman_smoke_smoke"),),
    ),
    Model(
        *(0x100A, "Heiman", "HS1WL/HS3WL", "heiman_leak"),
        *("HEIMAN", "WaterSensor-EM", IAS_BATTERY),
        senses=(_zone("heiman_leak_water_leak"),),
    ),
)

VALVES: Final = (
    Model(
        *(0x2001, "Tuya", "ZN231392", "tuya_valve"),
        *("_TZ3000_5ucujjts", "TS0001", (*ON_OFF, 1794, 2820)),
        valve=Valve("switch.tuya_valve", "on_off"),
    ),
    Model(
        *(0x2002, "Tuya", "TS0111_valve", "tuya_valve_2"),
        *("_TYZB01_ymcdbl3u", "TS0111", ON_OFF),
        valve=Valve("switch.tuya_valve_2", "on_off"),
    ),
    Model(
        *(0x2003, "IOTPerfect", "PF-PM02D-TYZ", "iotperfect_valve"),
        *("_TZE200_vrjkcam9", "TS0601", TUYA),
        valve=Valve("switch.iotperfect_valve", "tuya"),
        note="has nothing to read: it is asked for all its datapoints",
    ),
    Model(
        *(0x2004, "ShinaSystem", "GCM-300Z", "sihas_valve"),
        *("ShinaSystem", "GCM-300Z", (0, 1, 6)),
        valve=Valve("switch.sihas_valve_gas_valve_state", "on_off"),
        note="can only be closed, which is what an alarm wants",
    ),
    Model(
        *(0x2007, "Dawon DNS", "SG-V100-ZB", "dawon_lock"),
        *("DAWON_DNS", "SG-V100-ZB", ON_OFF_BATTERY),
        valve=Valve("switch.dawon_lock", "on_off"),
    ),
    Model(
        *(0x2005, "SONOFF", "SWV", "sonoff_water"),
        *("SONOFF", "SWV", (*ON_OFF_BATTERY, 1028, 64529)),
        valve=Valve("switch.sonoff_water", "on_off", "water_valve"),
    ),
    Model(
        *(0x2006, "Sinopé", "VA4200WZ", "sinope_water"),
        *("Sinope Technologies", "VA4200WZ", (*ON_OFF_BATTERY, 8)),
        valve=Valve("switch.sinope_water_state", "level", "water_valve"),
        note="a read moves its position only; its state is what it has reported itself",
    ),
)

MODELS: Final = (*DETECTORS, *VALVES)


def senses() -> Iterator[tuple[Model, Sense]]:
    """Yield everything that notices something."""
    for model in DETECTORS:
        for sense in model.senses:
            yield model, sense
