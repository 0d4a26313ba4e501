"""python -m detection"""

import sys

if __name__ == "__main__":
    try:
        from detection.cli import main  # takes a second, in which somebody may press Ctrl-C, too

        sys.exit(main())
    except KeyboardInterrupt:
        print("Stopped. Nothing was written.", file=sys.stderr)
        sys.exit(130)
