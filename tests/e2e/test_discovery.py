"""A home finds the station in its network, with real zeroconf between real processes."""

import json
from pathlib import Path
import subprocess
import sys

from demo.processes import REPOSITORY


def test_a_station_that_announces_itself_is_found_and_joined(tmp_path: Path) -> None:
    """It is offered by itself, compared by its letters, and joined with its code."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.discovery", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=390,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    # Without a home: it is offered to whoever sets one up.
    assert told["offer"] == {
        "station": "Riverside police station",
        "address": told["address"],
        "check": told["check"],
    }
    assert told["proposed"]["url"] == told["address"], "typed by nobody"
    assert told["refused"] == {"allow_http": "http_not_allowed"}
    assert told["made"] == "create_entry"
    assert told["household"] == "12 Willow Lane", "what it reports arrives"
    # Found before there was a home, gone on with after one was made: it joins.
    # Each time it is shown what would be sent, before it is.
    assert told["steps"] == ["found", "agree", "found", "join", "agree"]
    assert told["joined"] == "joined_station"
    assert not told["complaints"]
