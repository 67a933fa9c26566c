"""A network for this process alone: one private address, and multicast that stays in it.

A station that is found announces the machine's own address, and a home takes only a
private one. A machine that runs tests may have any, so the address is made: 10.x on the
loopback of a network namespace, which nothing outside can hear. Whoever enters it has
to do so before a second thread is there; a child process is the place.
"""

import ctypes
import fcntl
import os
from pathlib import Path
import socket
import struct
from typing import Final

from custom_components.zhian.link.addresses import is_private

ADDRESS: Final = "10.77.0.1"
_MDNS: Final = "224.0.0.251"
_LOOPBACK: Final = "lo"
_ALIAS: Final = "lo:1"

# <linux/sockios.h>, <linux/if.h>, <linux/route.h>
_ADD_ROUTE: Final = 0x890B
_SET_FLAGS: Final = 0x8914
_SET_ADDRESS: Final = 0x8916
_SET_MASK: Final = 0x891C
_UP: Final = 0x1 | 0x40 | 0x1000  # up, running, multicast
_ROUTE_UP: Final = 0x1


def enter_network() -> str:
    """Leave the machine's network for one of this process; return its address.

    Where that is forbidden it is the machine's own network, if its address will do.
    """
    user, group = os.getuid(), os.getgid()
    try:
        try:
            os.unshare(os.CLONE_NEWNET)
        except PermissionError:
            os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"0 {user} 1")
            Path("/proc/self/gid_map").write_text(f"0 {group} 1")
        _furnish()
    except OSError as error:
        address = _own_address()
        if not is_private(address):
            raise RuntimeError(
                f"{address} is not private, and no other network can be made"
            ) from error
        return address
    return ADDRESS


def _own_address() -> str:
    """Return the address from which the machine speaks to its neighbours."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((_MDNS, 5353))
        address: str = probe.getsockname()[0]
        return address


def _furnish() -> None:
    """Give the loopback an address that counts, and let multicast pass there."""
    device = ctypes.create_string_buffer(_LOOPBACK.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        _set(control, _SET_FLAGS, _LOOPBACK, struct.pack("=H", _UP))
        _set(control, _SET_ADDRESS, _ALIAS, _address(ADDRESS))
        _set(control, _SET_MASK, _ALIAS, _address("255.0.0.0"))
        route = struct.pack(
            "@L16s16s16sHhLPhPLLH",
            0,
            _address("224.0.0.0"),
            _address("0.0.0.0"),
            _address("240.0.0.0"),
            *(_ROUTE_UP, 0, 0, 0, 0, ctypes.addressof(device), 0, 0, 0),
        )
        fcntl.ioctl(control, _ADD_ROUTE, route)


def _set(control: socket.socket, what: int, device: str, value: bytes) -> None:
    fcntl.ioctl(control, what, struct.pack("16s24s", device.encode(), value))


def _address(text: str) -> bytes:
    return struct.pack("=H2x4s8x", socket.AF_INET, socket.inet_aton(text))
