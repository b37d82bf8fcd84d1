"""`python -m config` is `xinyong`."""

from config.cli import main

main()
