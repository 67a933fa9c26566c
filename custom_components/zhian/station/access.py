"""Who may do what at the desk: one place, so that station roles can come later."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser


def may_act(user: User | None) -> bool:
    """Return whether a user may acknowledge, dispatch and close.

    Administrators and users with write access may, read-only users may only look.
    No user means Home Assistant itself: an automation that the station's own
    administrator wrote, such as a button on the desk.
    """
    if user is None:
        return True
    return user.is_admin or user.permissions.access_all_entities(POLICY_CONTROL)


async def async_actor(hass: HomeAssistant, context: Context) -> str | None:
    """Return the name of the person behind an action; None is Home Assistant itself.

    Raises Unauthorized for a person who may not act.
    """
    user = None
    if context.user_id is not None:
        user = await hass.auth.async_get_user(context.user_id)
        if user is None:
            raise UnknownUser(context=context)
    if not may_act(user):
        raise Unauthorized(context=context)
    return user.name if user else None
