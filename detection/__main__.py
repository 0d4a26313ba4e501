"""python -m detection"""

import signal
import sys


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # `kill`, or a terminal that is closed, ends a command as Ctrl-C does: nothing partial is left, and no
    # process of a bench trains on. What is ignored (nohup) stays so; Windows has no SIGHUP.
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    try:
        from detection.cli import main  # takes a second, in which somebody may press Ctrl-C, too

        sys.exit(main())
    except KeyboardInterrupt:
        print("Stopped. Nothing was written.", file=sys.stderr)
        sys.exit(130)
