"""Whole accidents against the kernel: random homes, devices, people and crashes."""
