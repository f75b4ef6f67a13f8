"""Runs inside of a component only: the exported interface on top of a connector, and the host behind it."""
