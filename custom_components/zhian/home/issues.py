"""Repairs that clear themselves: those that are not wanted any more are taken back."""

from collections.abc import Container

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN


@callback
def take_back(
    hass: HomeAssistant, *prefixes: str, but: Container[str] = frozenset()
) -> None:
    """Take back the repairs whose ids begin so, but those that are still wanted.

    Of those that are not shown Home Assistant keeps only that somebody ignores them,
    which is not ours to forget.
    """
    for (domain, issue_id), issue in list(ir.async_get(hass).issues.items()):
        if (
            domain == DOMAIN
            and issue.active
            and issue_id.startswith(prefixes)
            and issue_id not in but
        ):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
