"""The portal: an institution sees its own rating before anyone else, with every reason."""
