"""The words that head sections, in the languages teams write postmortems in.

All phrases are in the form :func:`mappings.postmortem.inline.norm` gives: lower case, no accents,
no punctuation. They are the field's common words, collected from style guides and dictionaries.
"""

import re
from functools import lru_cache
from typing import Final

from mappings.postmortem.inline import norm
from mappings.postmortem.model import SectionKind

_K = SectionKind

#: Phrases that say what a section is wherever they stand in a short heading.
_WITHIN: Final = {
    _K.SUMMARY: "summary|overview|abstract|tl dr|tldr|synopsis|in short|at a glance|zusammenfassung"
    "|uberblick|kurzfassung|resume|synthese|resumen|resumo|sumario|sommaire|riepilogo|sommario"
    "|sintesi"
    "|samenvatting|overzicht|サマリー|サマリ|概要|要約|摘要|概述|요약|개요|резюме|сводка"
    "|краткое описание|podsumowanie|streszczenie|sammanfattning|sammendrag|yhteenveto|ozet",
    _K.IMPACT: "impact|impacts|affected users|affected customers|affected services|users affected"
    "|customers affected|who was affected|blast radius|auswirkung|auswirkungen|betroffene nutzer"
    "|incidence|incidences|impacto|impatto|repercussions|影響|影响|영향|влияние|последствия|wpływ"
    "|wplyw"
    "|gevolgen"
    "|paverkan|konsekvenser|etki",
    _K.TIMELINE: "timeline|time line|timelines|chronology|sequence of events|order of events"
    "|event log|incident log|chain of events|zeitleiste|zeitlinie|zeitachse|zeitlicher ablauf"
    "|zeitlicher verlauf|chronologie|deroulement|cronologia|linea de tiempo|linea del tiempo"
    "|linea temporal|linha do tempo|sequenza degli eventi|tijdlijn|verloop|タイムライン|時系列"
    "|経緯|时间线|时间轴|时间表|經過|타임라인|хронология|хроника|таймлайн|os czasu|os czasowa"
    "|chronologia|tidslinje|zaman cizelgesi",
    _K.ROOT_CAUSE: "root cause|root causes|rca|cause analysis|5 whys|five whys|5 why|five why"
    "|what caused|identified cause|cause of|causes of|probable cause|suspected cause|likely cause"
    "|direct cause|technical cause|immediate cause|why did it happen|why did this happen|why it "
    "happened|underlying cause"
    "|underlying causes|ursache|ursachen|grundursache|ursachenanalyse|fehlerursache|cause racine"
    "|causes racines|cause profonde|causes profondes|cause principale|causa raiz|causas raiz"
    "|causas|causa principal|causa radice|cause radice|oorzaak|grondoorzaak|根本原因|原因"
    "|근본 원인|원인|первопричина|причина|причины|przyczyna|przyczyny|grundorsak|rotarsak"
    "|kok neden",
    _K.CONTRIBUTING_FACTORS: "contributing factor|contributing factors|contributing cause"
    "|contributing causes|contributing condition|contributing conditions|contributory factors"
    "|contributors to the incident|aggravating factors|beitragende faktoren"
    "|begunstigende faktoren|mitwirkende faktoren|facteurs contributifs|facteurs aggravants"
    "|facteurs contribuants|factores contribuyentes|factores que contribuyeron"
    "|fatores contribuintes|fattori contribuenti|bijdragende factoren|寄与要因|寄与因子|誘因"
    "|促成因素|影响因素|기여 요인|способствующие факторы|czynniki sprzyjajace"
    "|bidragande faktorer",
    _K.ACTIONS: "action item|action items|action point|action points|action plan|action list"
    "|actions|actionables|actionable items|corrective action|corrective measure"
    "|corrective measures|corrective and preventive|corrective and preventative"
    "|preventive action|preventive measure|preventive measures|preventative action"
    "|preventative measure|preventative measures|remedial action|remedial measures"
    "|remediation items|remediation item|remediation plan|remediation tasks|remediations"
    "|follow up|follow ups|followup|followups|next step|next steps|todo|todos|to do|to dos"
    "|to do list|todo list|work items|repair items|outstanding items|outstanding tasks"
    "|improvement items|improvement actions|improvement plan|recommendations|recommendation"
    "|planned improvements|future improvements|planned work|what are we doing"
    "|what we are doing|what were doing|what will we do|what we will do|massnahme|massnahmen"
    "|maßnahmen|aktionspunkte|nachste schritte|aufgaben|folgemassnahmen|handlungsempfehlungen"
    "|empfehlungen|mesure corrective|mesures|prochaines etapes|plan d'action|plan daction"
    "|points d'action|elements d'action|element d'action|taches|recommandations|suivis|acciones"
    "|elementos de accion|medidas"
    "|tareas|proximos pasos|plan de accion|recomendaciones|acoes|itens de acao|proximos passos"
    "|plano de acao|tarefas|recomendacoes|azioni|prossimi passi|misure correttive"
    "|piano d azione|actiepunten|actiepunt|acties|vervolgstappen|vervolgacties|maatregelen"
    "|アクションアイテム|アクション|対応策|再発防止策|今後の対応|今後の対策|対策|改善策"
    "|是正措置|やること|フォローアップ|次のステップ|ネクストアクション|行动项|改进措施|后续行动"
    "|后续措施|后续工作|待办|整改措施|行动计划|改进计划|改进项|行動項目|조치 사항|조치사항|액션 "
    "아이템"
    "|후속 조치|개선 사항|향후 조치|할 일|план действий|действия|меры|задачи|следующие шаги"
    "|рекомендации|dzialania|działania|zadania|nastepne kroki|atgarder|nasta steg"
    "|åtgarder|toimenpiteet|aksiyonlar|eylem",
    _K.LESSONS: "lesson|lessons|learnings|learning|learned|learnt|takeaways|what went well"
    "|what went wrong|what went badly|what went poorly|went well|went wrong|go well|went right"
    "|what worked|what could have|what could be|what can we improve|what can be improved"
    "|what to improve|didnt go|did not go|go so well|got lucky|what we learned|what did we learn"
    "|gelernt|erkenntnisse"
    "|lektionen|lehren|was lief gut|was lief schlecht|lecons|enseignements"
    "|retour d'experience|ce qui a bien|lecciones|aprendizajes|que salio bien|licoes"
    "|aprendizados|lezioni|geleerde lessen|lessen|教訓|学び|学んだこと|振り返り|うまくいった"
    "|经验教训|经验|教训|교훈|배운 점|уроки|выводы|wnioski|lardomar|laerdommer|cikarilan dersler",
    _K.PREVENTION: "how do we prevent this|how will we prevent this|how can we prevent this"
    "|how to prevent this|how we will prevent this|how do we avoid this|prevention|prevent"
    "|preventing|preventive|preventative|avoid recurrence"
    "|avoiding recurrence|recurrence|vorbeugung|pravention|vermeidung|prevencion|prevencao"
    "|prevenzione|preventie|voorkomen|eviter|再発防止|予防|预防|防止再发|재발 방지|예방"
    "|предотвращение|профилактика|zapobieganie|forebyggande",
}
#: Words that say it only when they are the whole heading.
_WHOLE: Final = {
    _K.SUMMARY: "description|incident description|what happened|background|problem|issue"
    "|problem statement|the incident|was ist passiert|beschreibung|description de l'incident"
    "|que s'est il passe|ce qui s'est passe|que paso|descripcion|descricao|o que aconteceu"
    "|descrizione|cosa e successo|wat is er gebeurd|何が起きたか|何が起こったか|事象|事件描述"
    "|事故描述|что произошло|описание|co sie stalo|vad hande",
    _K.IMPACT: "scope|affected|damage|consequences|effects|schaden|folgen|consequences",
    _K.TIMELINE: "events|log|history|ablauf|verlauf|chronik|eventos|evenements|eventi|过程",
    _K.ROOT_CAUSE: "cause|causes|the cause|the causes|why|causa",
    _K.CONTRIBUTING_FACTORS: "factors|faktoren|facteurs|factores|要因",
    _K.ACTIONS: "action|tasks|remediation|remediation steps|improvements|process improvements"
    "|suivi|seguimiento|aktionen|a faire|verbesserungen|ameliorations|mejoras|melhorias"
    "|miglioramenti|改善|改善点|改进|开放事项|work to do|open items|future work|ai|ais"
    "|what next|whats next|what now|the plan|plan|proposed changes|planned changes|fixes"
    "|long term fix|long term fixes|permanent fix|measures|azione|accion|acao|aktion",
    _K.LESSONS: "retrospective|reflection|reflections|conclusions|good|bad",
    _K.PREVENTION: "how to avoid this",
}

#: Headings that group action items by when; they stand for an action section by themselves.
HORIZON: Final = re.compile(
    r"(?:quick (?:wins?|fix(?:es)?)|immediate(?:ly)?|short(?:er)? term|medium term|mid term"
    r"|long(?:er)? term|near term|right away|within \d+ \w+|this (?:week|sprint|month|quarter)"
    r"|next (?:week|sprint|month|quarter)|kurzfristig\w*|mittelfristig\w*|langfristig\w*|sofort"
    r"\w*|(?:a )?(?:court|moyen|long) terme|(?:a )?(?:corto|medio|mediano|largo) plazo"
    r"|(?:a )?(?:curto|medio|longo) prazo|breve termine|lungo termine|短期\w*|中期\w*|長期\w*"
    r"|长期\w*"
    r"|단기\w*|장기\w*|即時\w*)"
    r"(?: (?:actions?|items?|action items?|improvements?|fix(?:es)?|tasks?|follow ups?|measures?"
    r"|remediations?|work|goals?|massnahmen|term))?(?: (?:\d|q\d|by|within|next|less|more|over"
    r"|weeks?"
    r"|months?|days?|hours?|to|from|the|and|a|in).{0,30})?"
)
#: Other headings that group action items, but only within an action section.
GROUPING: Final = re.compile(
    r"(?:investigations?|prevent\w*|detect\w*|mitigat\w*|process\w*|respon[ds]\w*|repair\w*"
    r"|improve\w*|monitoring"
    r"|alerting|observability|documentation|docs|testing|tests?|tooling|technical|organi[sz]ational"
    r"|operations?|people|infra\w*|training|communications?|bugs?|features?|tech(?:nical)? debt"
    r"|done|completed?|open|in progress|ongoing|planned|backlog|new|others?|misc\w*|general"
    r"|(?:critical|high|medium|low|p\s?\d|priority)(?: \d| priority| prio)?|must(?: have)?"
    r"|should(?: have)?|nice to have|could(?: have)?|予防|検知|緩和|プロセス|検出|恒久対応|暫定対応"
    r"|prozess"
    r"|erkennung|技术|流程)(?: .{0,30})?"
)
#: Headings within an action section whose lists are no actions.
ASIDE: Final = re.compile(
    r"(?:.* )?(?:background|context|discussions?|rationale|participants?|responders?"
    r"|attendees|invitees|contacts?|references?|referenz\w*|links?|appendix|appendices|resources?"
    r"|related|glossary|legend|instructions?|guidance|guidelines?|definitions?|sign off|approvals?"
    r"|approved by|reviewers?|reviewed by|out of scope|not doing|wont do|wont fix|rejected|declined"
    r"|considered|dropped|discarded|cancell?ed|supersed\w*|obsolete|outdated|deprecated"
    r"|no longer|replaced by|archived?|previous|former|old|original|supporting|acknowledge?ments?"
    r"|thanks|questions?|faq|examples?|how to|checklists?|runbook|steps to"
    r"|taken|performed|beteiligte|teilnehmer|anhang|participantes|annexe|関連|参考|参加者|補足|附录"
    r"|参考资料"
    r"|참고|approval|template|definition of done|notes?|severity|verworfen\w*|überholt|veraltet"
    r"|abandonn\w*|remplace\w*|obsolet\w*|descartad\w*|却下|廃止|旧|废弃)(?: .*)?"
)
#: Headings elsewhere whose boxes are ticked off in the course of something, not work to do.
PROCEDURE: Final = re.compile(
    r"(?:.* )?(?:releas\w*|deploy\w*|checklists?|check list|runbook|playbook|procedure|steps"
    r"|sign off"
    r"|before you|prerequisites|severity|priority|type of|options?|definition|criteria|rollout"
    r"|rollback|onboarding|template|meeting|agenda|review|status|communications?)(?: .*)?"
)
#: What turns "actions" into a report of what was done in the incident.
_DURING: Final = re.compile(
    r"\b(?:taken|performed|executed|during|immediate response|prises|ergriffene?n?|tomadas"
    r"|realizadas|intraprese|genomen)\b|実施済|対応履歴"
)
_STILL: Final = re.compile(
    r"\b(?:item|items|follow|next|corrective|preventi?ve|preventative|plan)\b"
)
_JOINED: Final = re.compile(r"[&/,+]|\b(?:and|und|et|y|e|en)\b", re.IGNORECASE)
_CLOCK: Final = re.compile(r"\W*(?:\d{1,2}[:.h]\d{2}|\d{4}-\d{2}-\d{2}|\[?t[+-]\d)", re.IGNORECASE)
_NUMBERING: Final = re.compile(
    r"\s*(?:(?:step|section|part)\s+)?(?:\d{1,2}(?:\.\d{1,2}){0,3}\s*[.):\u3001\uff0e-]"
    r"|\d{1,2}\s(?=[A-Z])"
    r"|[ivxIVX]{1,4}[.)]|[A-Za-z][.)]|\d{1,2}(?:\.\d{1,2}){1,3})\s+",
)
_ASIDES: Final = re.compile(r"[(\uff08\[][^()\uff08\uff09\[\]]*[)\uff09\]]")
_PLURAL: Final = re.compile(r"\((?:s|es|n|en)\)")
_LOGOGRAPHIC: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: A heading may hold so many words besides the phrase that tells what it heads.
_BESIDES: Final = 4


def _any(phrases: str) -> re.Pattern[str]:
    words = sorted(set(norm_phrases(phrases)), key=len, reverse=True)
    parts = [
        re.escape(one) if _LOGOGRAPHIC.search(one) else rf"\b{re.escape(one)}\b" for one in words
    ]
    return re.compile("|".join(parts))


def norm_phrases(phrases: str) -> list[str]:
    """A list written with bars, each phrase in the form for comparing."""
    return [norm(one) for one in phrases.split("|")]


_WITHIN_ANY: Final = {kind: _any(phrases) for kind, phrases in _WITHIN.items()}
_EXACT: Final = {
    phrase: kind
    for table in (_WITHIN, _WHOLE)
    for kind, phrases in table.items()
    for phrase in norm_phrases(phrases)
}
_FILLERS: Final = re.compile(
    r"\b(?:the|a|an|our|of|incident|outage|postmortem|post mortem|blameless|and|s|de|la|le|les|der"
    r"|die|das|el|o|review|issue|detailed|full|initial|short|brief|final|customer|user|business)\b"
)


@lru_cache(maxsize=512)
def heading_words(text: str) -> str:
    """A heading's words for comparing: no numbering, no asides in parentheses, no emoji."""
    text = _PLURAL.sub("s", text)
    bare = _ASIDES.sub(" ", text)
    return norm(_NUMBERING.sub("", bare if norm(bare) else text, count=1))


@lru_cache(maxsize=1024)
def kinds_of(text: str, *, exact: bool = False) -> tuple[SectionKind, ...]:
    """What a heading heads; several for "Lessons and'action items", none for most headings.

    ``exact``: the heading must be the phrase, give or take words like "incident".
    """
    if _CLOCK.match(text):
        return ()
    words = heading_words(text)
    found = _exactly(words)
    if found or exact:
        return found
    kinds = [kind for kind, pattern in _WITHIN_ANY.items() if _heads(pattern, words)]
    if SectionKind.ACTIONS in kinds and _DURING.search(words) and not _STILL.search(words):
        kinds.remove(SectionKind.ACTIONS)
    if len(kinds) > 1 and SectionKind.SUMMARY in kinds and not _JOINED.search(text):
        kinds.remove(SectionKind.SUMMARY)  # "Timeline summary" is a timeline
    return tuple(kinds)


def _exactly(words: str) -> tuple[SectionKind, ...]:
    for one in (words, " ".join(_FILLERS.sub(" ", words).split())):
        kind = _EXACT.get(one)
        if kind is not None:
            prevents = kind is SectionKind.ACTIONS and _WITHIN_ANY[SectionKind.PREVENTION]
            also = prevents and prevents.search(one)
            return (kind, SectionKind.PREVENTION) if also else (kind,)
    return ()


def _heads(pattern: re.Pattern[str], words: str) -> bool:
    match = pattern.search(words)
    if match is None:
        return False
    besides = f"{words[: match.start()]} {words[match.end() :]}"
    if _LOGOGRAPHIC.search(match[0]):
        return len(besides.strip()) <= 3 * _BESIDES
    return len(_FILLERS.sub(" ", besides).split()) <= _BESIDES
