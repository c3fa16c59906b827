"""Fitting: module, optimizer, callbacks, trainer."""
