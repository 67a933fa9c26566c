"""The safety kernel: decisions without I/O.

`decide(state, signal)` returns the next state and the orders to carry out. It reads no
clock, no disk, no network and nothing of Home Assistant; time arrives inside signals.
"""
