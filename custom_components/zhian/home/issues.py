"""Repairs that clear themselves: those that are not wanted any more are taken back."""

from collections.abc import Container

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN


@callback
def take_back(
    hass: HomeAssistant, *prefixes: str, but: Container[str] = frozenset()
) -> None:
    """Take back the repairs whose ids begin so, but those that are still wanted."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(prefixes) and issue_id not in but:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
