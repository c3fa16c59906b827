"""Faults injected into runs: ``make faults``, or ``PYTHONPATH=tests python -m faults``."""
