"""What the two signed-in faces share: who is signed in, one sheet of paper, and mistakes told well."""
