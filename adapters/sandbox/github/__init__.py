"""GitHub on loopback: a pure state, its REST and GraphQL interfaces, and a page for people."""
