"""The adapter's own class for a proved deletion, wherever it keeps it."""

from adapters.github import answers

Gone = answers.Gone
