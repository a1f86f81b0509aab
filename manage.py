#!/usr/bin/env python3
"""Django's command line; beside a running demo it uses the demo's own database."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["demo"]:
        os.environ["DEMO"] = "1"
        if "--prepare" not in sys.argv:
            # The supervisor only starts others: it comes up quicker and stays smaller without Django.
            from core.embedded.supervisor import main as run_demo

            sys.exit(run_demo(sys.argv[2:]))
    elif "DATABASE_URL" not in os.environ:
        from core.embedded.data import running_environment

        data = Path(os.environ.get("DEMO_DATA", Path(__file__).resolve().parent / ".demo"))
        os.environ.update(running_environment(data))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
