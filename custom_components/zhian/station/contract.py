"""The contract of the wire, as this version of the station keeps it.

The file beside this one is a copy of `docs/openapi.yaml`: only what lies in the
integration's own folder comes along when it is installed.
"""

from functools import cache
import json
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

import yaml

PATH: Final = Path(__file__).with_name("openapi.yaml")


async def async_read(hass: HomeAssistant, form: str) -> bytes:
    """Return the contract as `json` or `yaml`; read once."""
    return await hass.async_add_executor_job(_read, form)


@cache
def _read(form: str) -> bytes:
    text = PATH.read_bytes()
    if form == "yaml":
        return text
    return json.dumps(yaml.safe_load(text), ensure_ascii=False).encode()
