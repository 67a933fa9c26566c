"""Make a Home Assistant configuration folder that needs no onboarding.

    python -m demo.seed --password PASSWORD [--username NAME] FOLDER:PORT...

Run with the interpreter that has `homeassistant`, before the first start. It
uses Home Assistant's own code. Afterwards an owner exists and has a long-lived
token, onboarding is done, and `.storage/http` holds the port as the confirmed
setting (a port in YAML would be a trial that Home Assistant takes back after
five minutes). Prints one JSON object a folder: {"url", "token", "version"}.
"""

import argparse
import asyncio
from datetime import timedelta
import json
from pathlib import Path
import sys

from homeassistant import runner
from homeassistant.auth import auth_manager_from_config
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.auth.models import TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN
from homeassistant.auth.providers.homeassistant import HassAuthProvider
from homeassistant.components.http.config import (
    HTTP_STORAGE_SCHEMA,
    STORAGE_KEY as HTTP_KEY,
    STORAGE_MINOR_VERSION as HTTP_MINOR_VERSION,
    STORAGE_VERSION as HTTP_VERSION,
)
from homeassistant.components.onboarding import STORAGE_KEY, STORAGE_VERSION
from homeassistant.components.onboarding.const import STEPS
from homeassistant.config_entries import ConfigEntries
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

BIND = "127.0.0.1"


async def _create_owner(hass: HomeAssistant, username: str, password: str) -> str:
    """Create the owner and return a long-lived token."""
    hass.auth = await auth_manager_from_config(hass, [{"type": "homeassistant"}], [])
    provider = hass.auth.auth_providers[0]
    assert isinstance(provider, HassAuthProvider)
    await provider.async_initialize()
    await provider.async_add_auth(username, password)
    # The first user that is created becomes the owner.
    user = await hass.auth.async_create_user("Owner", group_ids=[GROUP_ID_ADMIN])
    credentials = await provider.async_get_or_create_credentials({"username": username})
    await hass.auth.async_link_user(user, credentials)
    refresh_token = await hass.auth.async_create_refresh_token(
        user,
        client_name="demo",
        token_type=TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN,
        access_token_expiration=timedelta(days=365),
    )
    return hass.auth.async_create_access_token(refresh_token)


async def seed(folder: Path, port: int, username: str, password: str) -> dict[str, str]:
    """Write the storage files and return how to log in."""
    hass = HomeAssistant(str(folder))
    hass.config_entries = ConfigEntries(hass, {})
    await hass.config_entries.async_initialize()
    dr.async_setup(hass)
    await asyncio.gather(dr.async_load(hass), er.async_load(hass))
    token = await _create_owner(hass, username, password)
    await Store[dict[str, list[str]]](
        hass, STORAGE_VERSION, STORAGE_KEY, private=True
    ).async_save({"done": list(STEPS)})
    # The schema fills in every key; a slot with a missing or unknown value
    # leaves Home Assistant running without a web server.
    stable = {
        **HTTP_STORAGE_SCHEMA({"server_port": port, "server_host": [BIND]}),
        "created_at": dt_util.utcnow().isoformat(),
        "error": None,
        "error_message": None,
    }
    await Store[dict[str, object]](
        hass, HTTP_VERSION, HTTP_KEY, private=True, minor_version=HTTP_MINOR_VERSION
    ).async_save({"stable": stable, "pending": None, "yaml_migration_done": True})
    await hass.async_stop(force=True)  # writes the delayed saves, auth among them
    return {"url": f"http://{BIND}:{port}", "token": token, "version": __version__}


def main() -> None:
    """Parse the arguments, seed, print."""
    parser = argparse.ArgumentParser(prog="python -m demo.seed")
    parser.add_argument("places", nargs="+", metavar="FOLDER:PORT")
    parser.add_argument("--username", default="demo")
    parser.add_argument("--password", required=True)
    args = parser.parse_args()
    for place in args.places:
        name, _, port = place.rpartition(":")
        folder = Path(name).resolve()
        if (folder / ".storage" / "auth").exists():
            sys.exit(f"{folder} is seeded already")
        folder.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(
            seed(folder, int(port), args.username, args.password),
            loop_factory=runner.create_event_loop,
        )
        print(json.dumps(result))


if __name__ == "__main__":
    main()
