"""The demo: a virtual house, two real Home Assistants, and a gas leak."""
