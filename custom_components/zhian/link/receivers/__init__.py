"""Receivers other than the station: one file for each language that they speak."""
