"""What should happen, from what is known: diff, resolve, plan, guard, render. Pure."""
