"""The program ``manned``, which ``python -m manned`` is too."""

from .service.signals import while_starting


def main() -> None:
    """Run the command that was typed.  Signals are taken care of before anything else is imported."""
    while_starting()
    from .cli import main as command

    command(prog_name="manned")


if __name__ == "__main__":
    main()
