"""The station in its own network: real zeroconf, on loopback."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import AsyncMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from zeroconf import IPVersion, ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

from custom_components.zhian.link.announcement import SERVICE_TYPE, Announcement
from custom_components.zhian.link.identity import StationProof, new_challenge
from custom_components.zhian.link.pairing_text import PairingText
from custom_components.zhian.station import Station

from ..home.test_discovery_flow import announced
from .conftest import API, Act, Home


class Listener:
    """Another machine in the network."""

    def __init__(self, zeroconf: AsyncZeroconf) -> None:
        """Listen."""
        self.zeroconf = zeroconf
        self.names: asyncio.Queue[tuple[ServiceStateChange, str]] = asyncio.Queue()
        self.browser = AsyncServiceBrowser(
            zeroconf.zeroconf, SERVICE_TYPE, handlers=[self._heard]
        )

    def _heard(self, state_change: ServiceStateChange, name: str, **_: Any) -> None:
        self.names.put_nowait((state_change, name))

    async def heard(self, wanted: ServiceStateChange) -> str:
        """Wait until something is said or taken back."""
        async with asyncio.timeout(20):
            while True:
                change, name = await self.names.get()
                if change is wanted:
                    return name


@pytest.fixture
async def network(hass: HomeAssistant, socket_enabled: None) -> AsyncIterator[Listener]:
    """A network of two machines: Home Assistant's zeroconf and a listener."""
    own = AsyncZeroconf(interfaces=["127.0.0.1"])
    listener = Listener(AsyncZeroconf(interfaces=["127.0.0.1"]))
    hass.config.components.add("zeroconf")
    with (
        patch(
            "homeassistant.components.zeroconf.async_get_async_instance",
            return_value=own,
        ),
        patch(
            "homeassistant.components.network.async_get_announce_addresses",
            return_value=["127.0.0.1"],
        ),
    ):
        yield listener
    await listener.browser.async_cancel()
    await listener.zeroconf.async_close()
    await own.async_close()


async def test_a_station_is_found_while_it_runs_and_not_after(
    hass: HomeAssistant, network: Listener, prepared: MockConfigEntry
) -> None:
    """What is said is what a home reads; nothing else is said."""
    assert await hass.config_entries.async_setup(prepared.entry_id)
    name = await network.heard(ServiceStateChange.Added)
    assert name == f"Riverside Station.{SERVICE_TYPE}"
    info = await network.zeroconf.async_get_service_info(SERVICE_TYPE, name)
    assert info is not None
    station: Station = prepared.runtime_data
    said = info.decoded_properties
    assert set(said) == {"v", "id", "name", "path", "https"}
    found = Announcement.read(
        said, info.ip_addresses_by_version(IPVersion.All), info.port
    )
    assert found is not None
    assert found.name == "Riverside Station"
    assert found.station == station.identity.id
    assert found.url == f"http://127.0.0.1:{hass.config.api.port}"  # type: ignore[union-attr]
    assert station.announced_at == (found.url,)
    assert await hass.config_entries.async_unload(prepared.entry_id)
    assert await network.heard(ServiceStateChange.Removed) == name


async def test_a_station_that_stops_takes_it_back(
    hass: HomeAssistant, network: Listener, prepared: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(prepared.entry_id)
    await network.heard(ServiceStateChange.Added)
    await hass.async_stop(force=True)
    await network.heard(ServiceStateChange.Removed)


async def test_a_station_that_is_not_to_be_found_says_nothing(
    hass: HomeAssistant, network: Listener, prepared: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        prepared, data={**prepared.data, "announce": False}
    )
    assert await hass.config_entries.async_setup(prepared.entry_id)
    await hass.async_block_till_done()
    assert prepared.runtime_data.announced_at == ()
    assert network.names.empty()
    await hass.config_entries.async_unload(prepared.entry_id)


async def test_a_network_that_fails_stops_no_station(
    hass: HomeAssistant,
    network: Listener,
    prepared: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = AsyncMock()
    broken.async_register_service.side_effect = OSError
    broken.async_unregister_service.side_effect = OSError
    with patch(
        "homeassistant.components.zeroconf.async_get_async_instance",
        return_value=broken,
    ):
        assert await hass.config_entries.async_setup(prepared.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert "cannot be announced" in caplog.text
    assert await hass.config_entries.async_unload(prepared.entry_id)


# --- who it is, asked by a home ------------------------------------------------------


async def ask(home: Home, challenge: str, **headers: str) -> Any:
    async with home.client.get(
        f"{API}/identity", params={"challenge": challenge}, headers=headers
    ) as response:
        return response.status, await response.json(content_type=None)


async def test_a_station_proves_itself_at_its_own_addresses_alone(
    hass: HomeAssistant, station: Station, stranger: Home
) -> None:
    """For any other somebody in between passes the challenge on."""
    own = str(stranger.client.make_url("/")).rstrip("/")
    challenge = new_challenge()
    status, said = await ask(stranger, challenge)
    assert (status, said["path"]) == (400, "host")
    hass.config.internal_url = own
    status, said = await ask(stranger, challenge)
    assert status == 200
    proof = StationProof.from_json(said)
    assert proof.public_key == station.identity.key.public
    assert proof.holds(own.removeprefix("http://"), challenge)
    status, said = await ask(stranger, challenge, Host="192.168.1.66:8123")
    assert (status, said["path"]) == (400, "host")
    station.addresses = ("https://station.example.org",)
    status, _ = await ask(stranger, challenge, Host="STATION.example.org:443")
    assert status == 200
    status, _ = await ask(stranger, challenge, Host="Station.example.org")
    assert status == 200
    status, said = await ask(stranger, "short")
    assert (status, said["path"]) == (400, "challenge")


async def test_without_a_station_nobody_proves_anything(
    prepared: MockConfigEntry, stranger: Home
) -> None:
    status, said = await ask(stranger, new_challenge())
    assert (status, said["reason"]) == (503, "not_ready")


async def test_a_station_keeps_its_key(
    hass: HomeAssistant, station: Station, entry: MockConfigEntry
) -> None:
    """Over restarts; with the entry it goes."""
    before = station.identity
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.runtime_data.identity.id == before.id
    assert entry.runtime_data.identity.check == before.check
    await hass.config_entries.async_remove(entry.entry_id)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.runtime_data.identity.id != before.id


async def test_a_station_does_not_find_itself(
    hass: HomeAssistant, station: Station
) -> None:
    result = await hass.config_entries.flow.async_init(
        "zhian",
        context={"source": "zeroconf"},
        data=announced("http://192.168.1.9:8123", station.identity.id),
    )
    assert result["reason"] == "own_station"


# --- the pairing code, shown ---------------------------------------------------------


async def open_pairing(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.config_entries.options.async_init(entry.entry_id)


async def test_the_dialog_shows_a_code_to_read_and_to_scan(
    hass: HomeAssistant, station: Station, entry: MockConfigEntry, stranger: Home
) -> None:
    """Each opening makes one, and it enrols one home."""
    hass.config.internal_url = "http://192.168.1.10:8123"
    assert entry.supports_options
    form = await open_pairing(hass, entry)
    assert form["type"] is FlowResultType.FORM
    shown = form["description_placeholders"]
    assert shown["check"] == station.identity.check
    assert shown["address"] == "http://192.168.1.10:8123"
    (field,) = form["data_schema"].schema.values()
    scanned = PairingText.read(field.config["data"])
    assert scanned.code == shown["code"]
    assert scanned.addresses == ("http://192.168.1.10:8123",)
    assert scanned.station == station.identity.id
    result = await hass.config_entries.options.async_configure(form["flow_id"], {})
    assert result["reason"] == "pairing_done"
    assert (await stranger.enrol(scanned.code)).status == 201
    assert (await open_pairing(hass, entry))["description_placeholders"] != shown


async def test_a_station_that_knows_no_address_shows_the_code_alone(
    hass: HomeAssistant, station: Station, entry: MockConfigEntry, act: Act
) -> None:
    with patch(
        "custom_components.zhian.station.identity.get_url",
        side_effect=NoURLAvailableError,
    ):
        form = await open_pairing(hass, entry)
        code = await act("pairing_code", returns=True)
    assert form["data_schema"].schema == {}
    assert form["description_placeholders"]["code"]
    assert code["qr"] is None
    assert code["check"] == station.identity.check


async def test_a_station_that_cannot_make_a_code_says_so(
    hass: HomeAssistant, station: Station, entry: MockConfigEntry
) -> None:
    with patch.object(Station, "pair", side_effect=HomeAssistantError):
        form = await open_pairing(hass, entry)
    assert form["reason"] == "station_not_running"
    await hass.config_entries.async_unload(entry.entry_id)
    form = await open_pairing(hass, entry)
    assert form["reason"] == "station_not_running"
    await hass.config_entries.async_setup(entry.entry_id)
