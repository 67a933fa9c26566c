"""Tests of the wire between home and station."""
