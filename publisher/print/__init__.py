"""How papers are set: fonts, line breaks, pages, templates; `publisher.pdf` is the door."""
