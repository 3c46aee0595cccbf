"""A GitLab that remembers: its REST and GraphQL interfaces as far as followthrough uses them."""
