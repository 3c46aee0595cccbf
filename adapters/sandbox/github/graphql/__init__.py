"""The part of GitHub's GraphQL interface that a tool for issues and boards uses."""
