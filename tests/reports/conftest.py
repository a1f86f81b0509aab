"""The reports' stage: the engine's own, so that reports read what the services wrote."""

from tests.programs.conftest import call, clock, program

__all__ = ["call", "clock", "program"]
