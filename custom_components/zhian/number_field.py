"""A number in a dialog: what is wrong with it is said in the person's language."""

from homeassistant.helpers.selector import NumberSelector

import voluptuous as vol


class NumberField(NumberSelector):
    """A number with limits.

    Home Assistant's own refuses in English. What refuses here is the key of an error of
    the dialog, which the frontend translates like those of the steps themselves.
    """

    def __call__(self, data: object) -> float:
        """Return the number; raises Invalid with the key of an error."""
        try:
            return super().__call__(data)
        except vol.Invalid as err:
            if not isinstance(data, int | float):
                raise
            is_small = data < self.config.get("min", data)
            raise vol.Invalid(
                "number_too_small" if is_small else "number_too_large"
            ) from err
