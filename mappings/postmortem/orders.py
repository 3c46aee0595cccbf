"""Whether a text says what is to be done, in the languages of teams."""

import re
from typing import Final

VERBS: Final = re.compile(
    r"(?:re)?(?:add|adjust|adopt|agree|alert|allow|analy[sz]e|announce|apply|archive|ask|assess"
    r"|assign|audit"
    r"|automate|back ?up|ban|benchmark|bind|block|break|bring|build|bump|cache|calibrate|call"
    r"|change|check|clarify"
    r"|clean|close|collect|come up|communicate|complete|conduct|configure|confirm|consider"
    r"|consolidate|contact"
    r"|convert|coordinate|correct|cover|create|cut|decide|decommission|define|delete|deploy"
    r"|deprecate|design|destroy"
    r"|determine|develop|disable|discuss|distribute|do|document|drop|educate|eliminate|emphasi[sz]e"
    r"|enable|encourage"
    r"|enforce|enhance|ensure|establish|estimate|evaluate|examine|expand|explore|export|expose"
    r"|extend|extract|find"
    r"|finish|fix|follow|formali[sz]e|get|give|go through|handle|harden|have|help|hire|hold"
    r"|identify|implement|import"
    r"|improve|include|increase|inform|install|instrument|integrate|introduce|investigate|isolate"
    r"|issue|keep|launch"
    r"|learn|limit|link|list|load|lock|log|look|lower|maintain|make|mandate|map|measure|merge"
    r"|migrate|minimi[sz]e"
    r"|mitigate|modify|monitor|move|notify|open|optimi[sz]e|organi[sz]e|pair|patch|perform|pin|plan"
    r"|post|practice"
    r"|prepare|present|prevent|prioriti[sz]e|propose|protect|prove|provide|provision|publish|pull"
    r"|purge|push|put"
    r"|raise|re-?\w+|read|rebuild|record|reduce|refactor|refine|reject|release|remind|remove|rename"
    r"|reorgani[sz]e"
    r"|repair|replace|report|request|require|research|resize|resolve|restart|restore|restrict"
    r"|retire|retry|revert"
    r"|review|revise|revisit|rewrite|roll|rotate|run|scale|schedule|scope|secure|send|separate|set"
    r"|share|ship"
    r"|shorten|show|simplify|simulate|sort|specify|split|standardi[sz]e|start|stop|store|streamline"
    r"|strengthen"
    r"|stringify|switch|sync|take|talk|teach|tell|test|think|throttle|tighten|trace|track|train"
    r"|trigger|trim|try|tune"
    r"|turn|unify|update|upgrade|use|validate|verify|version|visit|wait|warn|watch|work|wrap"
    r"|write)\b(?!-(?!(?:up|out|off|on|in|down|over|back|check|run|test)\b))",
    re.IGNORECASE,
)


#: What was done is nothing to do: "Restarted the importer".
_PAST: Final = re.compile(
    r"(?!(?:need|feed|embed|seed|speed|shed|proceed|exceed|succeed|shred)\b)[A-Za-z]+ed\b"
)
#: "Ana will …", "The Payments squad is going to …".
_PROMISED: Final = re.compile(
    r"(?:The )?[A-Z][\w.'-]+(?: [A-Z][\w.'-]+| squad| guild| crew)?"
    r" (?:will|shall|is going to|are going to)\b"
)
#: Words of grammar that tell one language from English.
_ROMANCE: Final = re.compile(
    r"\b(?:de|del|la|las|le|les|el|los|du|des|un|une|una|uma|para|pour|em|da|os|il|della|dei|con"
    r"|com|al|aux|à|ao|nos|nas|dos|das|sur|dans)\b|[dl]['\u2019]",
    re.IGNORECASE,
)
_GERMAN: Final = re.compile(
    r"\b(?:der|die|das|den|dem|ein|eine|einen|und|für|mit|zum|zur|auf|nicht|im|bei|nach|von)\b"
    r"|[äöüß]",
    re.IGNORECASE,
)
#: An infinitive: first in Romance and Slavic languages, last in German ones, the nouns of doing
#: that end Japanese and Korean lines, the verbs that begin Chinese ones.
_FIRST: Final = re.compile(r"[^\W\d_]+(?:[aeiî]r|[aeit]re|dre)(?:se|lo|la)?\b")
_SLAVIC: Final = re.compile(r"[\u0400-\u04ff]+(?:ть|ти|чь)(?:ся)?\b")
_LAST: Final = re.compile(r".*[a-zäöüß]{2}(?:en|ern|eln)[.!]?\Z", re.DOTALL)
_CHINESE: Final = re.compile(
    r"(?:增加|添加|新增|优化|建立|完善|修复|加强|引入|补充|梳理|制定|接入|配置|升级|改造|调整|规范|推动"
    r"|排查|确保|检查|监控|设置|更新|编写|实现|统一|限制|禁止|捕获|统计|迁移|拆分|评估)"
)
_NOUN: Final = re.compile(
    r".*(?:する|します|追加|導入|検討|作成|実施|整備|見直し|強化|改善|修正|設定|確認|更新|自動化"
    r"|추가|도입|검토|작성|개선|강화|수정|설정|하기|한다|합니다|구축|적용)[。.]?\Z",
    re.DOTALL,
)


def is_order(text: str) -> bool:
    """Whether a text says what is to be done ("Add …", "We should …", "Añadir …")."""
    if _PAST.match(text):
        return False
    return bool(
        VERBS.match(text)
        or re.match(
            r"(?:we|i|the team|team|\w+ team|it|this|they)\b.{0,40}?\b(?:will|should|must|need"
            r"|needs|plan|are going"
            r"|could|have to|want)\b|(?:need|plan|want|continue|try|agree) to\b|better\b|more\b"
            r"|no longer\b",
            text,
            re.IGNORECASE,
        )
        or _PROMISED.match(text)
        or _orders_elsewhere(text)
    )


def _orders_elsewhere(text: str) -> bool:
    """The same in other languages, as far as a verb's form tells."""
    text = text.strip()
    if text.isascii() and not _ROMANCE.search(text) and not _GERMAN.search(text):
        return False
    return bool(
        (_FIRST.match(text) and _ROMANCE.search(text))
        or _SLAVIC.match(text)
        or (_GERMAN.search(text) and _LAST.match(text))
        or _CHINESE.match(text)
        or _NOUN.match(text)
    )
