"""Reading both sides, carrying out a plan, and running one cycle of one pair."""
