"""``python -m hookkit``: the same as the command ``hookkit``."""

import sys

from hookkit.cli import main

sys.exit(main())
