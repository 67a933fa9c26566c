"""Zhi'an: a guarded home and the station that answers."""
