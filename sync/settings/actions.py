"""A pair's postmortems are followed by a pair of their own, which settings do not spell out.

``postmortems = "reviews"`` of ``[pairs.payments]`` makes ``payments/actions``: the folder on the
left, the same project of the tracker on the right, in the same words.
"""

from typing import Final

from sync.decide.policy import Filter
from sync.settings.model import EndSettings, PairSettings, Settings

SUFFIX: Final = "/actions"


def actions_of(pair: str) -> str:
    """The name of the pair that follows the postmortems of ``pair``."""
    return pair + SUFFIX


def main_of(pair: str) -> str:
    """The pair whose postmortems ``pair`` follows; "" for one that stands for itself."""
    return pair.removesuffix(SUFFIX) if pair.endswith(SUFFIX) else ""


def with_actions(settings: Settings) -> Settings:
    """The settings with these pairs, each behind its own."""
    pairs: dict[str, PairSettings] = {}
    for name, pair in settings.pairs.items():
        pairs[name] = pair
        if pair.postmortems:
            pairs[actions_of(name)] = _actions(pair)
    return settings.model_copy(update={"pairs": pairs})


def _actions(pair: PairSettings) -> PairSettings:
    """An action that was done before anybody followed it needs no issue any more."""
    left = EndSettings(connection=pair.postmortems)
    filter_ = Filter(history="none")
    return pair.model_copy(update={"left": left, "postmortems": "", "filter": filter_})
