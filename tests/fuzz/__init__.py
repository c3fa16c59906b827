"""Input that a fuzzer makes up: `python -m fuzz` drives atheris, `TARGETS` say what must hold."""
