"""The loop that keeps every pair in step: due pairs, back-off, signals, health, metrics."""
