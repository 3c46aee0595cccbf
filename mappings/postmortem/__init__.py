"""From any Markdown postmortem to what it says, and the few changes ever made to one."""
