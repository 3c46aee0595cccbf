"""Top floor: deciding, carrying out, remembering and showing what keeps two projects in step."""
