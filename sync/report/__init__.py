"""What a team asks about its incidents and their follow-ups: as data, and written for people."""
