"""Whom to tell, in which order, and how long each may take to answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from .vocabulary import ContactRole

PATIENCE: Final[Mapping[ContactRole, timedelta]] = {
    # Telecare answers 97.5 % within a minute; a phone in the next room takes less.
    ContactRole.RESIDENT: timedelta(seconds=60),
    # They are elsewhere: a phone call home lies between the message and the answer.
    ContactRole.RELATIVE: timedelta(seconds=120),
    ContactRole.NEIGHBOUR: timedelta(seconds=120),
}
"""How long a rung may take to answer before the next is told."""

REPEAT: Final = timedelta(minutes=5)
LONGEST_REPEAT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who may be told."""

    id: str
    role: ContactRole = ContactRole.RESIDENT
    order: int = 1
    """Relatives and neighbours with the same number are told together."""
    confidant: bool = False
    """Whether they are told of a silent call."""


@dataclass(frozen=True, slots=True)
class Rung:
    """People who are told at the same time."""

    number: int
    role: ContactRole
    contacts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The people of a home; without any there is nobody to wait for."""

    contacts: tuple[Contact, ...] = ()
    patience: Mapping[ContactRole, timedelta] = field(default_factory=lambda: PATIENCE)
    repeat: timedelta = REPEAT
    """The first pause between quiet repeats; each is twice the one before."""
    rungs: tuple[Rung, ...] = field(init=False, repr=False, compare=False)
    """The residents together, then relatives, then neighbours, by their order."""
    _nearest_first: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the people in order, once: the safety path asks for it again and again."""
        groups: dict[tuple[ContactRole, int], list[str]] = {}
        for contact in sorted(self.contacts, key=_place):
            groups.setdefault(_group(contact), []).append(contact.id)
        rungs = tuple(
            Rung(number, role, tuple(ids))
            for number, ((role, _), ids) in enumerate(groups.items(), 1)
        )
        object.__setattr__(self, "rungs", rungs)
        in_order = tuple(contact for rung in rungs for contact in rung.contacts)
        object.__setattr__(self, "_nearest_first", in_order)

    def in_order(self, contacts: frozenset[str]) -> tuple[str, ...]:
        """Return those of the contacts who are still configured, nearest first."""
        return tuple([c for c in self._nearest_first if c in contacts])

    @property
    def confidants(self) -> tuple[str, ...]:
        """Return those who are told of a silent call."""
        return self.in_order(frozenset(c.id for c in self.contacts if c.confidant))

    def pause(self, repeats: int) -> timedelta:
        """Return how long it is quiet after a number of repeats."""
        longest = max(self.repeat, LONGEST_REPEAT)
        # Twelve doublings of a second are more than an hour.
        return min(self.repeat * (1 << min(max(repeats - 1, 0), 12)), longest)


_ROLES: Final = tuple(ContactRole)


def _group(contact: Contact) -> tuple[ContactRole, int]:
    is_resident = contact.role is ContactRole.RESIDENT
    return contact.role, 0 if is_resident else contact.order


def _place(contact: Contact) -> tuple[int, int, int]:
    role, order = _group(contact)
    return _ROLES.index(role), order, contact.order
