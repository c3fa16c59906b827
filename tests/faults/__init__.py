"""Runs struck at random moments: ``make faults``, or ``PYTHONPATH=tests python -m faults``."""
