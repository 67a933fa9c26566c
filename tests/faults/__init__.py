"""The link between home and station on real processes, and all that goes wrong with it."""
