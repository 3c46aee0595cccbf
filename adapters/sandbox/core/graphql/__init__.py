"""GraphQL, whatever the tracker: the language, and carrying a query out."""
