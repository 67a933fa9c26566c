"""What a person reads when something is not safe now."""

from collections.abc import Iterable

from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..safety.orders import Order, Refuse
from ..safety.vocabulary import Reason


def refused(reason: Reason) -> ServiceValidationError:
    """Return the error that says why, and what to do."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=f"refused_{reason}"
    )


def raise_if_refused(orders: Iterable[Order]) -> None:
    """Raise the error of the first refusal among the kernel's orders."""
    for order in orders:
        if isinstance(order, Refuse):
            raise refused(order.reason)
