"""Settings: TOML, the environment over it, checked whole before anything starts (design §10)."""

from sync.settings.load import DEFAULT_FILE, Loaded, SettingsError, load, shipped_profiles
from sync.settings.model import PairSettings, Settings

__all__ = [
    "DEFAULT_FILE",
    "Loaded",
    "PairSettings",
    "Settings",
    "SettingsError",
    "load",
    "shipped_profiles",
]
