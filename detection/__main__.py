"""python -m detection"""

import sys

from detection.cli import main

if __name__ == "__main__":
    sys.exit(main())
