"""The demo itself: it says where to look, and leaves nothing behind."""

import asyncio
from pathlib import Path
import signal
import socket
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from demo.ha_api import HomeAssistantApi
from demo.processes import free_port
from demo.running import RunningDemo, call


async def repairs(url: str, token: str) -> list[object]:
    """Return what Home Assistant wants repaired of ours."""
    async with HomeAssistantApi(url, token) as api, api.websocket() as socket:
        issues = (await socket.call("repairs/list_issues"))["issues"]
    return [issue for issue in issues if issue["domain"] == "zhian"]


def test_it_shows_two_addresses_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    home_port, station_port = free_port(), free_port()
    ports = ("--home-port", str(home_port), "--station-port", str(station_port))
    with RunningDemo(tmp_path, "--json", *ports) as demo:
        facts = demo.facts()
        for role, port in (("home", home_port), ("station", station_port)):
            parts = urlsplit(facts[role])
            assert parts.port == port
            base = f"{parts.scheme}://{parts.netloc}"
            config = call(base, facts[f"{role}_token"], "GET", "/api/config", None)
            assert config["state"] == "RUNNING"
            assert "zhian" in config["components"]
            with pytest.raises(HTTPError):
                call(base, "nobody", "GET", "/api/config", None)
            assert asyncio.run(repairs(base, facts[f"{role}_token"])) == []
        demo.process.send_signal(signal.SIGINT)
        assert demo.end() == 0
        assert demo.wait_until_nothing_is_left() == []
    assert not list(tmp_path.glob("zhian-demo-*"))
    for port in (home_port, station_port, facts["broker_port"]):
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), 1):
            pass


def test_what_it_started_dies_with_it(tmp_path: Path) -> None:
    with RunningDemo(tmp_path, "--json") as demo:
        demo.facts()
        assert len(demo.left_over()) >= 4
        demo.process.kill()
        demo.end()
        assert demo.wait_until_nothing_is_left() == []


def test_a_port_in_use_is_a_failure_that_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with RunningDemo(tmp_path, "--broker-port", port) as demo:
            assert demo.end() == 1
            assert demo.wait_until_nothing_is_left() == []
            assert port in demo.errors
            assert "Traceback" not in demo.errors
