"""Django set up before the suite imports models; the home folder of this run."""

import os
from pathlib import Path

import django

django.setup()

HOME = Path(os.environ["PANJEREH_HOME"])
