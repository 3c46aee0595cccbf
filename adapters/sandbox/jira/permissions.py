"""What somebody may do in a project, in Jira's own words. Pure."""

from typing import Final

from adapters.sandbox.core.access import Access

#: Permissions in the order they come with more access, and the least access that has them.
LEAST: Final = {
    "BROWSE_PROJECTS": Access.READ,
    "ADD_COMMENTS": Access.TRIAGE,
    "CREATE_ISSUES": Access.TRIAGE,
    "EDIT_OWN_COMMENTS": Access.TRIAGE,
    "DELETE_OWN_COMMENTS": Access.TRIAGE,
    "ASSIGNABLE_USER": Access.WRITE,
    "ASSIGN_ISSUES": Access.WRITE,
    "CLOSE_ISSUES": Access.WRITE,
    "EDIT_ISSUES": Access.WRITE,
    "LINK_ISSUES": Access.WRITE,
    "RESOLVE_ISSUES": Access.WRITE,
    "SCHEDULE_ISSUES": Access.WRITE,
    "TRANSITION_ISSUES": Access.WRITE,
    "ADMINISTER_PROJECTS": Access.ADMIN,
    "DELETE_ALL_COMMENTS": Access.ADMIN,
    "DELETE_ISSUES": Access.ADMIN,
    "EDIT_ALL_COMMENTS": Access.ADMIN,
    "MODIFY_REPORTER": Access.ADMIN,
    "MOVE_ISSUES": Access.ADMIN,
}

#: Permissions of the whole site; nobody who comes with a token has the first.
SITE: Final = {"ADMINISTER": False, "USER_PICKER": True, "BULK_CHANGE": True}


def granted(access: Access) -> frozenset[str]:
    """The permissions that come with an access."""
    return frozenset(name for name, least in LEAST.items() if access >= least)


def words(name: str) -> str:
    """A permission's name for people."""
    return name.replace("_", " ").capitalize()
