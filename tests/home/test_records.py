"""The home's records, as administrators get them."""

import csv
from datetime import timedelta
import io
import json
import sqlite3
from typing import Any

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.core import Context
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.util import dt as dt_util

import pytest
import voluptuous as vol

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.safety.vocabulary import Hazard
from custom_components.zhian.store.journal import seal, verify

from .house import (
    DETECTOR,
    KITCHEN_TABLET,
    VALVE,
    WATER,
    WATER_DETECTOR,
    HomeUnderTest,
    request_from,
)

ACTIONS = ("get_incidents", "export_timeline", "verify_timeline")


async def ask(
    home: HomeUnderTest, action: str, context: Context | None = None, **data: Any
) -> dict[str, Any]:
    """Call an action that answers."""
    response = await home.hass.services.async_call(
        DOMAIN, action, data, blocking=True, context=context, return_response=True
    )
    assert response is not None
    json.dumps(response)  # whoever asks gets plain data
    return dict(response)


async def context_of(home: HomeUnderTest, group: str) -> Context:
    """Return the context of a member of a group."""
    user = await home.hass.auth.async_create_user("Anna", group_ids=[group])
    return Context(user_id=user.id)


@pytest.fixture
async def busy(home: HomeUnderTest) -> HomeUnderTest:
    """A home with a gas incident that is over and a water incident that is open."""
    home.add("detector", WATER_DETECTOR)
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    await home.start()
    await home.clear_for(90)
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.do(DOMAIN, "acknowledge", await home.person("Anna"))
    await home.report(DETECTOR, "off")
    await home.clear_for(90)
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", await home.person("Bob"))
    await home.pass_time(60, step=30)
    await home.report(WATER, "on")
    return home


async def test_incidents_are_listed_with_their_story(busy: HomeUnderTest) -> None:
    """The open one first, and the past with who did what."""
    found = (await ask(busy, "get_incidents"))["incidents"]
    assert [i["hazard"] for i in found] == ["water", "gas"]
    gas = found[1]
    assert gas["phase"] == "closed"
    assert gas["ending"] == "reset"
    assert gas["acknowledged"]["by"] == "Anna"
    assert gas["reset_by"] == "Bob"
    assert gas["detectors"] == ["Kitchen gas"]
    (step,) = gas["steps"]
    assert (step["actuator"], step["outcome"]) == ("Gas supply", "confirmed")
    kinds = [entry["kind"] for entry in gas["timeline"]]
    assert kinds[0] == "opened"
    assert kinds[-1] == "closed"


async def test_the_past_is_read_from_the_disk_after_a_restart(
    busy: HomeUnderTest,
) -> None:
    """Memory holds the open ones only."""
    before = await ask(busy, "get_incidents")
    await busy.reload()
    after = await ask(busy, "get_incidents")
    assert [i["id"] for i in after["incidents"]] == [
        i["id"] for i in before["incidents"]
    ]
    assert after["incidents"][1] == before["incidents"][1]


async def test_a_list_can_be_narrowed(busy: HomeUnderTest) -> None:
    """By state, hazard, number, time and id."""

    async def hazards(**data: Any) -> list[str]:
        found = await ask(busy, "get_incidents", timeline=False, **data)
        assert "timeline" not in found["incidents"][0]
        return [incident["hazard"] for incident in found["incidents"]]

    assert await hazards(open_only=True) == ["water"]
    assert await hazards(hazard="gas") == ["gas"]
    assert await hazards(limit=1) == ["water"]
    now = busy.home.guard.clock.now()
    assert await hazards(since=(now - timedelta(seconds=30)).isoformat()) == ["water"]
    assert await hazards(since=dt_util.now().date().isoformat()) == ["water", "gas"]
    incident = busy.home.guard.state.open_incident(Hazard.WATER)
    assert incident is not None
    assert await hazards(incident=incident.id) == ["water"]


async def test_an_export_can_be_proved_by_anybody(busy: HomeUnderTest) -> None:
    """The JSON has all that the seals are made of."""
    exported = await ask(busy, "export_timeline")
    assert exported["incidents"] == 2
    for timeline in exported["timelines"]:
        records = [
            seal(
                entry["previous"],
                timeline["incident"],
                entry["seq"],
                dt_util.parse_datetime(entry["at"], raise_on_error=True),
                entry["kind"],
                entry["body"],
            )
            for entry in timeline["entries"]
        ]
        assert [r.hash for r in records] == [e["hash"] for e in timeline["entries"]]
        assert verify(records) is None


async def test_a_sheet_has_one_row_an_entry(busy: HomeUnderTest) -> None:
    """And no cell that a spreadsheet would calculate."""
    exported = await ask(busy, "export_timeline", format="csv")
    rows = list(csv.DictReader(io.StringIO(exported["csv"])))
    assert len(rows) == exported["entries"]
    assert {row["hazard"] for row in rows} == {"gas", "water"}
    assert all(isinstance(json.loads(row["body"]), dict) for row in rows)
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


async def test_an_untouched_journal_is_proved(busy: HomeUnderTest) -> None:
    """Also what was written before this start."""
    for _ in range(2):
        proved = await ask(busy, "verify_timeline")
        assert proved["ok"] is True
        assert proved["checked"] == 2
        assert {i["first_broken"] for i in proved["incidents"]} == {None}
        await busy.reload()


async def test_a_changed_entry_is_found(busy: HomeUnderTest) -> None:
    """In its incident, by its number; the other incident is fine."""
    gas = (await ask(busy, "get_incidents", hazard="gas"))["incidents"][0]["id"]
    database = busy.home.database
    assert database is not None
    with sqlite3.connect(database.path) as connection:
        connection.execute("DROP TRIGGER journal_no_update")
        connection.execute(
            "UPDATE journal SET body = replace(body, 'Anna', 'Eve') WHERE incident = ?",
            (gas,),
        )
    connection.close()
    proved = await ask(busy, "verify_timeline")
    assert proved["ok"] is False
    broken = {
        i["incident"]: i["first_broken"] for i in proved["incidents"] if not i["ok"]
    }
    assert list(broken) == [gas]
    assert broken[gas] > 1
    one = await ask(busy, "verify_timeline", incident=gas)
    assert (one["ok"], one["checked"]) == (False, 1)


@pytest.mark.parametrize("action", ACTIONS)
async def test_only_administrators_get_records(
    busy: HomeUnderTest, action: str
) -> None:
    """They say who was at home and who did what."""
    with pytest.raises(Unauthorized):
        await ask(busy, action, await context_of(busy, GROUP_ID_USER))
    assert await ask(busy, action, await context_of(busy, GROUP_ID_ADMIN))


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_unknown_incident_is_an_error(
    busy: HomeUnderTest, action: str
) -> None:
    """Not an empty answer that could pass for "nothing happened"."""
    with pytest.raises(ServiceValidationError) as error:
        await ask(busy, action, incident="nobody-knows")
    assert error.value.translation_key == "no_such_record"


async def test_without_a_disk_there_is_what_memory_holds(home: HomeUnderTest) -> None:
    """And nothing can be proved."""
    folder = home.hass.config.path("zhian")
    with open(folder, "w", encoding="utf-8"):  # noqa: ASYNC230, PTH123
        pass
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    found = await ask(home, "get_incidents")
    assert [i["hazard"] for i in found["incidents"]] == ["gas"]
    assert (await ask(home, "export_timeline"))["incidents"] == 1
    with pytest.raises(HomeAssistantError) as error:
        await ask(home, "verify_timeline")
    assert error.value.translation_key == "records_unreadable"


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_closed_disk_is_told(busy: HomeUnderTest, action: str) -> None:
    """In the user's language, not as a traceback."""
    database = busy.home.database
    assert database is not None
    await database.close()
    with pytest.raises(HomeAssistantError) as error:
        await ask(busy, action)
    assert error.value.translation_key == "records_unreadable"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("get_incidents", {"limit": 0}),
        ("get_incidents", {"hazard": "fire"}),
        ("export_timeline", {"format": "pdf"}),
        ("verify_timeline", {"since": "yesterday"}),
    ],
)
async def test_bad_input_is_refused(
    home: HomeUnderTest, action: str, data: dict[str, Any]
) -> None:
    """Before anything is read."""
    await home.start()
    with pytest.raises(vol.Invalid):
        await ask(home, action, **data)
