"""Whether a person, and not a machine or somebody far away, asks for something."""

from ipaddress import ip_address

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.http import current_request
from homeassistant.helpers.network import is_cloud_connection
from homeassistant.helpers.script import script_stack_cv
from homeassistant.util.network import is_local


async def person(hass: HomeAssistant, context: Context) -> str | None:
    """Return the name of the person behind an action, None for a machine.

    Automations act in a context of their own, which has a parent. A script keeps the
    context of who started it, but what it says was written before.
    """
    if context.user_id is None or context.parent_id is not None:
        return None
    if script_stack_cv.get():
        return None
    user = await hass.auth.async_get_user(context.user_id)
    if user is None or user.system_generated:
        return None
    return user.name or user.id


def is_on_site(hass: HomeAssistant) -> bool:
    """Whether the request that is being served comes from the home's own network."""
    request = current_request.get()
    if request is None or request.remote is None or is_cloud_connection(hass):
        return False
    try:
        return is_local(ip_address(request.remote))
    except ValueError:
        return False
