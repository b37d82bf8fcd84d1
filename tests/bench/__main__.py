"""Prints the table; its work lives in a module that child processes can import."""

from tests.bench.table import main

if __name__ == "__main__":
    main()
