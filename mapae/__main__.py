"""``python -m mapae`` is the command ``mapae``."""

from mapae.cli.main import main

main()
