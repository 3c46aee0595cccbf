"""What an incident process demands, judged: from what is known and the time to findings; pure."""
