"""An MQTT broker on the loopback interface: Mosquitto, or amqtt without one."""

import getpass
from pathlib import Path
import shutil
import sys
from typing import Final, Literal

from .processes import Process, ProcessFailed, wait_for_port

type Protocol = Literal["5", "3.1.1"]

MOSQUITTO: Final = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
user {user}
"""
"""Without `set_tcp_nodelay` an alarm waits 40 ms in the broker's socket. A broker that
changes its user would outlive a killed demo: the kernel forgets to end it with us."""

AMQTT: Final = """\
listeners:
  default: {{type: tcp, bind: "127.0.0.1:{port}"}}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin: {{allow_anonymous: true}}
"""


def find_mosquitto() -> str | None:
    """Return Mosquitto's path; Debian keeps it where only root looks."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


class Broker:
    """The broker's process."""

    def __init__(self, port: int, folder: Path) -> None:
        """Choose the program and write its configuration."""
        self.port = port
        self.protocol: Protocol
        if mosquitto := find_mosquitto():
            self.name = "Mosquitto"
            self.protocol = "5"
            configuration = folder / "mosquitto.conf"
            configuration.write_text(
                MOSQUITTO.format(port=port, user=getpass.getuser())
            )
            command: list[str | Path] = [mosquitto, "-c", configuration]
        elif (amqtt := Path(sys.executable).with_name("amqtt")).exists():
            self.name = "amqtt"
            self.protocol = "3.1.1"  # Home Assistant cannot reach it with 5
            configuration = folder / "amqtt.yaml"
            configuration.write_text(AMQTT.format(port=port))
            command = [amqtt, "-c", configuration]
        else:
            raise ProcessFailed(
                "No MQTT broker. Install Mosquitto (apt install mosquitto)"
                " or run scripts/setup --demo."
            )
        self.process = Process("broker", command, folder)

    async def start(self) -> None:
        """Start it and wait until it listens."""
        await self.process.start()
        await wait_for_port(self.port, 20, self.process)
