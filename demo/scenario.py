"""The gas leak, played to its end: the house, the people, the officer, the faults."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from .ha_api import HomeAssistantError
from .nobody_answers import play_nobody_answers
from .observer import (
    GAS,
    LEVEL,
    VALVE,
    Actions,
    Diary,
    Incident,
    changed_at,
    home_incidents,
    is_below,
    is_from,
    is_on,
    station_incidents,
    wait_for_incident,
    wait_for_state,
)
from .processes import ProcessFailed
from .timeline import EVERY_STEP, Result, Step, Timeline, first, what_is_missing
from .world import World

# Seconds; each is several times what it takes.
ALARM_LIMIT: Final = 60.0
SETTLE_LIMIT: Final = 150.0
STATION_LIMIT: Final = 150.0
"""The outbox tries again after at most 60 s."""
CLEAR_LIMIT: Final = 120.0
STATION_DOWN: Final = 60.0
KILL_AFTER: Final = 0.1
"""The valve is on its way; also a machine with busy neighbours has written by then."""

WINDOWS: Final = 2


class Fault(StrEnum):
    """What goes wrong in the scenario."""

    JAMMED_VALVE = "jammed-valve"
    STATION_DOWN = "station-down"
    KILL_HOME = "kill-home"


class GasLeak:
    """One leak in one world."""

    def __init__(
        self, world: World, fault: Fault | None, say: Callable[[str], None]
    ) -> None:
        """Prepare."""
        self._world = world
        self._fault = fault
        self._say = say
        self._home = world.home.api
        self._station = world.station.api
        self._diary = Diary(world.broker.port)
        self._problems: list[str] = []
        self._incident: Incident | None = None

    async def play(self) -> Result:
        """Play it and return what happened."""
        timeline = Timeline(datetime.now(UTC), await self._names())
        try:
            async with self._home.websocket() as socket:
                actions = await Actions.watch(socket)
                await self._play(timeline, actions)
        except* (TimeoutError, HomeAssistantError, ProcessFailed, OSError) as group:
            self._problems += _reasons(group)
        finally:
            self._diary.close()
        entries = self._incident["entries"] if self._incident else ()
        if self._incident and (at := _on_disk(self._incident)):
            timeline.add(at, "report_on_disk")
        return self._judge(timeline.steps(entries))

    async def _play(self, timeline: Timeline, actions: Actions) -> None:
        await self._prepare()
        self._say("A hose comes off the cooker: 4 m3 of gas an hour")
        async with asyncio.TaskGroup() as group:
            # The detector says both in one message; the home may hear either first.
            alarms = [
                group.create_task(
                    wait_for_state(self._home, entity_id, is_it, ALARM_LIMIT)
                )
                for entity_id, is_it in ((GAS, is_on), (LEVEL, is_from(10)))
            ]
            if self._fault is Fault.KILL_HOME:
                group.create_task(self._kill_home(timeline))
            await self._press("button.controls_leak_large")
        state = min((task.result() for task in alarms), key=changed_at)
        timeline.alarm = changed_at(state)
        timeline.add(timeline.alarm, "alarm", state["entity_id"])
        self._say("The detector alarms")
        heard = await self._diary.wait(10, "command", "gas_valve", "OFF")
        timeline.add(heard, "valve_heard", "the valve has received the order")
        for at, action in actions.of(VALVE):
            timeline.add(at, "valve_called", action)
        incident = await self._until(
            lambda i: bool(i["entries"]) and i["hazard"] == "gas", "the incident"
        )
        self._say(f"Incident {incident['id']}")
        if self._fault is Fault.JAMMED_VALVE:
            await self._until_failure_is_told(incident["id"])
            self._say("People know that the valve is stuck; the main is shut outside")
            await self._press("button.controls_leak_none")
        async with asyncio.TaskGroup() as group:
            group.create_task(self._wait_for_air(timeline))
            group.create_task(self._play_officer(incident["id"], timeline))
        await self._reset(incident["id"])

    # --- the parts of the story ------------------------------------------------

    async def _prepare(self) -> None:
        match self._fault:
            case Fault.JAMMED_VALVE:
                self._say("The gas valve jams")
                await self._home.action(
                    "switch.turn_on", entity_id="switch.controls_jam_valve"
                )
                await self._diary.wait(10, "control", "jam_valve")
            case Fault.STATION_DOWN:
                self._say("The station's Home Assistant goes down")
                await self._world.station.process.stop()
                self._back_at = asyncio.get_running_loop().time() + STATION_DOWN

    async def _kill_home(self, timeline: Timeline) -> None:
        """Kill the home as soon as the valve has got its order; start it again."""
        await self._diary.wait(ALARM_LIMIT, "command", "gas_valve", "OFF")
        await asyncio.sleep(KILL_AFTER)
        self._killed_at = datetime.now(UTC)
        await self._world.home.process.kill()
        timeline.add(self._killed_at, "home_killed", "kill -9")
        self._say("The home's Home Assistant is killed in mid-incident")
        await self._world.home.start()
        timeline.add(datetime.now(UTC), "home_back")

    async def _wait_for_air(self, timeline: Timeline) -> None:
        state = await wait_for_state(self._home, LEVEL, is_below(5), CLEAR_LIMIT)
        timeline.add(changed_at(state), "gas_below_5_lel", f"{state['state']} %LEL")
        self._say("The air is clear")

    async def _play_officer(self, incident: str, timeline: Timeline) -> None:
        """Acknowledge and send somebody, from the station's desk."""
        if self._fault is Fault.STATION_DOWN:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(max(0.0, self._back_at - loop.time()))
            await self._world.station.start()
            timeline.add(datetime.now(UTC), "station_back")
            self._say("The station is back")
        await wait_for_incident(
            lambda: station_incidents(self._station),
            lambda case: case["id"] == incident,
            STATION_LIMIT,
            "the incident at the station",
        )
        await self._desk("acknowledge", incident=incident)
        await self._until_station_said("acknowledged")
        await self._desk(
            "dispatch", incident=incident, unit="Patrol 7", eta_seconds=240
        )
        await self._until_station_said("dispatched")
        self._say("The officer has acknowledged and sent Patrol 7")

    async def _desk(self, command: str, **data: object) -> None:
        async with self._station.websocket() as socket:
            await socket.call(f"zhian/station/{command}", **data)

    async def _reset(self, incident: str) -> None:
        """End the latch at home, then the case at the station."""
        await self._until(
            lambda i: i["phase"] == "clearing", "every detector known clear"
        )
        await self._home.action("zhian.reset")
        await self._until(lambda i: i["phase"] == "closed", "the incident's end")
        self._say("Somebody at home has reset the incident")
        await self._desk("close", incident=incident, disposition="resolved")
        ids = [case["id"] for case in await station_incidents(self._station)]
        if ids != [incident]:
            self._problems.append(f"the station has {len(ids)} incidents: {ids}")
        if len(await home_incidents(self._home)) != 1:
            self._problems.append("the home has more than one incident")
        await self._until(lambda i: _on_disk(i) is not None, "the report's time")

    async def _until_failure_is_told(self, incident: str) -> None:
        await self._until(
            lambda i: any(
                entry["kind"] == "told"
                and entry["body"]["message"] == "step_failed"
                and not entry["body"].get("reason")
                for entry in i["entries"]
            ),
            "the told failure",
        )

    # --- small things ------------------------------------------------------------

    async def _press(self, entity_id: str) -> None:
        await self._home.action("button.press", entity_id=entity_id)

    async def _names(self) -> Mapping[str, str]:
        """Return the names of actuators and contacts by their ids."""
        async with self._home.websocket() as socket:
            entries = await socket.call("config_entries/get", domain="zhian")
            subentries = await socket.call(
                "config_entries/subentries/list", entry_id=entries[0]["entry_id"]
            )
        return {item["subentry_id"]: item["title"] for item in subentries}

    async def _until(self, is_it: Callable[[Incident], bool], what: str) -> Incident:
        """Wait until the home's incident is so, and keep it."""

        def keep(incident: Incident) -> bool:
            if self._incident is None or incident["id"] == self._incident["id"]:
                self._incident = incident
                return is_it(incident)
            return False

        return await wait_for_incident(
            lambda: home_incidents(self._home), keep, SETTLE_LIMIT, what
        )

    async def _until_station_said(self, status: str) -> None:
        await self._until(
            lambda i: any(
                entry["kind"] == "station" and entry["body"]["status"] == status
                for entry in i["entries"]
            ),
            f"the station's word: {status}",
        )

    def _judge(self, steps: tuple[Step, ...]) -> Result:
        """Say whether the story went as promised."""
        wanted = set(EVERY_STEP)
        if self._fault is Fault.JAMMED_VALVE:
            wanted = wanted - {"valve_confirmed"} | {"failed"}
        problems = what_is_missing(steps, wanted, windows=WINDOWS)
        if not first(steps, "told", detail=": alarm"):
            problems.append("nobody was told of the alarm")
        if self._fault is not Fault.JAMMED_VALVE and first(steps, "failed"):
            problems.append("a step failed")
        if self._fault is Fault.JAMMED_VALVE and not first(
            steps, "told", detail="step_failed"
        ):
            problems.append("nobody was told that the valve is stuck")
        if self._fault is Fault.KILL_HOME and self._incident:
            opened = datetime.fromisoformat(self._incident["entries"][0]["at"])
            if opened > self._killed_at:
                problems.append("the incident before the kill was lost")
        problems += self._problems
        for problem in problems:
            self._say(f"Not as promised: {problem}")
        for node in (self._world.home, self._world.station):
            for line in node.complaints():
                self._say(f"The log complains: {node.name}: {line}")
        return Result("gas-leak", not problems, self._world.home.version, steps)


def _on_disk(incident: Incident) -> datetime | None:
    """Return when the incident was durable; no report leaves before."""
    stamps = incident["stamps"]
    stamp = stamps.get("alarm_on_disk", stamps.get("on_disk"))
    return datetime.fromisoformat(stamp) if stamp else None


def _reasons(group: BaseExceptionGroup[Exception]) -> list[str]:
    """Return what went wrong, one line each."""
    reasons: list[str] = []
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            reasons += _reasons(error)
        else:
            reasons.append(f"{type(error).__name__}: {error}")
    return reasons


async def play_gas_leak(
    world: World, fault: Fault | None, say: Callable[[str], None]
) -> Result:
    """Play the gas leak."""
    return await GasLeak(world, fault, say).play()


type Scenario = Callable[
    [World, Fault | None, Callable[[str], None]], Awaitable[Result]
]

SCENARIOS: Final[Mapping[str, Scenario]] = {
    "gas-leak": play_gas_leak,
    "nobody-answers": play_nobody_answers,
}
