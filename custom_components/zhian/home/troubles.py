"""What the log says of something that went wrong: a line, or where it came from, too.

A device that says no, an action that is gone and a network that is down are a home's
everyday: one line says it. What nobody foresaw is a fault of the program, and a fault is
found with its traceback.
"""

from homeassistant.exceptions import HomeAssistantError

from aiohttp import ClientError
import voluptuous as vol

_ORDINARY = (HomeAssistantError, vol.Invalid, ClientError, OSError, TimeoutError)


def reason_of(error: Exception) -> str:
    """Return what an error says of itself, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def unforeseen(error: Exception) -> Exception | None:
    """Return the error where the log is to show where it came from, for `exc_info`."""
    return None if isinstance(error, _ORDINARY) else error
