"""Requests that no honest browser sends, for the tests and for `make scan`."""
