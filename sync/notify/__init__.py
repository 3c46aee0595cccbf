"""Telling people: findings as messages and digests, through whatever channel they read."""
