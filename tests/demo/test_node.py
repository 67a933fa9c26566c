"""What a node's log says of the integration."""

from pathlib import Path

from demo.node import Node

LOG = """\
2026-11-22 15:17:52.546 ERROR (MainThread) [haffmpeg.core] FFmpeg fails
Traceback (most recent call last):
  File "/home/anna/zhian/.venv/run/lib/haffmpeg/core.py", line 130, in open
2026-11-22 15:17:53.000 ERROR (MainThread) [custom_components.zhian.home] It broke
Traceback (most recent call last):
  File "/tmp/zhian-demo-1/home/custom_components/zhian/home/guard.py", line 1, in f
2026-11-22 15:17:54.000 INFO (MainThread) [custom_components.zhian.home] All is well
"""


def test_only_the_integration_s_own_errors_are_complaints(tmp_path: Path) -> None:
    """A checkout is called zhian as well: other people's errors lie in it."""
    node = Node("home", "Home", 1, tmp_path, place=(0.0, 0.0))
    node.process.log.write_text(LOG)
    assert [line.split()[-1] for line in node.complaints()] == ["broke", "f"]
