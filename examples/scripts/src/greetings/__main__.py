"""`python -m greetings`."""

import sys

from greetings import main

sys.exit(main())
