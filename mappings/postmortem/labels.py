"""What a column or a label is for, and the words that stand in one: states, levels, categories."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from mappings.postmortem.inline import norm
from mappings.vocabulary import (
    SEVERITY_OF,
    Category,
    Priority,
    Severity,
    parse_category,
    parse_priority,
    parse_resolution,
    parse_severity,
)


class Role(StrEnum):
    """What a cell or the text behind a label tells of an action item."""

    TITLE = "title"
    OWNER = "owner"
    DUE = "due"
    STATUS = "status"
    PRIORITY = "priority"
    CATEGORY = "category"
    REFERENCE = "reference"
    ROW_ID = "row id"
    TIME = "time"
    NOTES = "notes"


_R = Role
_WORDS: Final = {
    _R.OWNER: "owner|owners|assignee|assignees|assigned to|assigned|responsible|dri|lead|who|poc"
    "|point person|point of contact|person|responsible party|responsibility|action owner|by whom"
    "|verantwortlich|verantwortliche|verantwortlicher|zustandig|bearbeiter|wer|responsable"
    "|responsables|proprietaire|porteur|pilote|assigne a|qui|asignado|asignado a|encargado|dueno"
    "|quien|responsavel|responsaveis|dono|quem|responsabile|assegnato a|chi|eigenaar"
    "|verantwoordelijke|wie|担当|担当者|オーナー|責任者|负责人|责任人|負責人|담당자|담당|책임자"
    "|ответственный|исполнитель|владелец|odpowiedzialny|wlasciciel|właściciel|ansvarig|sorumlu"
    "|assigned team|owning team|team|owned by|accountable|driver|处理人|跟进人|責任人|责任方",
    _R.DUE: "due|due date|due by|due on|deadline|eta|target|target date|by|by when|when"
    "|expected date|expected|expected completion|expected completion date|completion date"
    "|complete by|finish by|target completion|target completion date|delivery date|timeframe"
    "|time frame|date|planned date|planned for|fallig|fallig am|falligkeit|falligkeitsdatum|frist"
    "|termin|bis|bis wann|zieldatum|wann|echeance|date limite|date cible|date prevue|delai"
    "|pour le|quand|fecha limite|fecha|fecha objetivo|fecha de vencimiento|vence|vencimiento"
    "|plazo|cuando|prazo|data limite|data|data prevista|quando|scadenza|data di scadenza|entro"
    "|vervaldatum|einddatum|wanneer|期限|期日|締切|締め切り|完了予定|完了予定日|予定日|目標日"
    "|截止日期|截止时间|截止|完成时间|预计完成时间|期望完成时间|기한|마감일|마감|완료 예정일|срок"
    "|дедлайн|срок исполнения|дата|termin realizacji|forfallodatum|slutdatum|due dt|计划完成时间"
    "|计划时间|完成日期|时限|timeline|timing",
    _R.STATUS: "status|state|done|complete|completed|progress|current status|zustand|stand"
    "|erledigt|fertig|statut|etat|avancement|fait|termine|complet|estado|hecho|completado"
    "|situacao|concluido|feito|stato|fatto|completato|klaar|gereed|状態|ステータス|状況|進捗|完了"
    "|状态|进度|完成情况|狀態|상태|진행 상황|완료|статус|состояние|готово|stan|gotowe|klar|durum"
    "|finished",
    _R.PRIORITY: "priority|prio|priority level|importance|urgency|prioritat|dringlichkeit"
    "|wichtigkeit|priorite|niveau de priorite|urgence|prioridad|prioridade|priorita|prioriteit"
    "|urgencia|優先度|優先順位|优先级|優先級|우선순위|приоритет|priorytet|prioritet|oncelik|p",
    _R.CATEGORY: "type|category|kind|class|action type|typ|art|kategorie|categorie|tipo|categoria"
    "|種別|種類|分類|カテゴリ|カテゴリー|タイプ|类型|类别|分类|유형|분류|тип|категория|kategoria"
    "|kategori|theme|area",
    _R.REFERENCE: "issue|issues|ticket|tickets|jira|github|gitlab|link|links|tracking|tracked in"
    "|tracker|bug|bugs|pr|prs|pull request|reference|references|ref|issue link|jira ticket"
    "|jira link|jira issue|github issue|tracking issue|tracking bug|tracking ticket|tracking link"
    "|ticket link|linear|url|story|card|vorgang|verweis|billet|lien|enlace|incidencia|referencia"
    "|chamado|collegamento|チケット|課題|リンク|工单|链接|이슈|티켓|링크|тикет|ссылка|zgloszenie"
    "|arende|pr link|follow up ticket|bug tracker|de probleme|issue pr|tracked|tracked by|asana"
    "|trello|shortcut|notion",
    _R.ROW_ID: "#|id|no|nr|num|n|number|№|番号|序号|번호|item no|item #|action id|action #|row"
    "|ref no|seq|order|nummer|numero|lp",
    _R.TITLE: "action|actions|action item|action items|task|tasks|item|items|description|what"
    "|todo|to do|follow up|follow ups|followup|follow up action|follow up item|measure|work"
    "|work item|title|name|summary|details|improvement|improvements|remediation|remediation item"
    "|recommendation|recommendations|corrective action|preventive action|corrective actions"
    "|next step|next steps|action description|planned action|deliverable|activity|aktion|aktionen"
    "|massnahme|massnahmen|aufgabe|aufgaben|beschreibung|was|mesure|mesures|mesure a prendre"
    "|mesure corrective|action a mener|tache|quoi|accion|acciones|accion correctiva"
    "|elemento de accion|tarea|tareas|medida|medidas|descripcion|que|acao|acoes|item de acao"
    "|tarefa|descricao|o que|azione|azioni|attivita|compito|descrizione|cosa|actie|acties"
    "|actiepunt|taak|maatregel|omschrijving|アクション|アクションアイテム|対応|対応内容|対策|内容"
    "|タスク|項目|施策|改善|改善策|やること|行动|行动项|措施|任务|改进措施|事项|待办事项|描述"
    "|行動|조치|조치 사항|액션|액션 아이템|작업|내용|항목|할 일|действие|действия|мера|меры"
    "|задача|задачи|описание|dzialanie|działanie|zadanie|opis|atgard|uppgift|eylem|gorev"
    "|initiative|solution|change|proposed action|proposed fix|改进项|改进|整改措施",
    _R.TIME: "time|timestamp|date time|datetime|time utc|start time|when utc|時刻|日時|時間|时间"
    "|시간|시각|uhrzeit|zeit|zeitpunkt|heure|horaire|hora|horario|ora|tijd|tijdstip|время|czas"
    "|tid|saat|event|events|ereignis|evenement|evento|gebeurtenis|イベント|出来事|事件|이벤트"
    "|событие|zdarzenie",
    _R.NOTES: "notes|note|comment|comments|remarks|remark|rationale|reason|why|outcome|result"
    "|kommentar|bemerkung|bemerkungen|notizen|commentaire|commentaires|remarque|notas|nota"
    "|comentario|comentarios|observaciones|observacoes|備考|メモ|コメント|备注|说明|비고"
    "|примечание|комментарий|uwagi|effort|estimate|size|created|opened|date added|date created"
    "|raised|closed on|completed on|date completed|date closed|closed|start date|verification"
    "|success|success criteria|acceptance criteria|impact|benefit|cost|risk",
}
_EXACT: Final = {norm(word): role for role, words in _WORDS.items() for word in words.split("|")}
# Looked for within a longer heading, in this order: "Action owner" is an owner.
_PARTS: Final = {
    _R.NOTES: r"created|opened|raised|added|started|start date|closed on|completed on"
    r"|date completed",
    _R.DUE: r"due|deadline|eta|target|expected|complete by|completion|fallig\w*|frist|echeance"
    r"|limite|scadenza|prazo|vencimiento|期限|期日|締切|予定|截止|마감|기한|срок",
    _R.OWNER: r"owners?|assignees?|assigned|responsible|verantwort\w*|zustandig\w*|responsa\w*"
    r"|担当|负责|담당|ответственн\w*|dri|lead",
    _R.PRIORITY: r"priority|prio|priorit\w*|priorid\w*|优先|優先|우선",
    _R.STATUS: r"status|state|statut|estado|stato|状態|状态|상태|статус|done",
    _R.REFERENCE: r"issues?|tickets?|jira|github|gitlab|tracking|bugs?|prs?|links?|probleme"
    r"|チケット|工单",
    _R.ROW_ID: r"#|id|no|nr",
    _R.CATEGORY: r"type|category|kategorie|categorie",
    _R.TIME: r"time|utc|gmt|pst|cet|event|timestamp",
    _R.TITLE: r"actions?|tasks?|items?|description|follow ups?|measures?|massnahmen?|mesures?"
    r"|accion|acao|azione|remediations?|improvements?|アクション|対応|対策|措施|行动|조치|задач\w*",
}


def _within(words: str) -> re.Pattern[str]:
    """Any of the words; those of scripts that part no words also within others."""
    parts = (rf"(?<!\w){one}(?!\w)" if one.isascii() else one for one in words.split("|"))
    return re.compile("|".join(parts))


_WITHIN: Final = tuple((role, _within(words)) for role, words in _PARTS.items())
_LONGEST_HEAD: Final = 6

_DONE: Final = re.compile(
    r"done|completed?|closed|fixed|finished|shipped|merged|resolved|deployed|released|implemented"
    r"|delivered|yes|y|x|ja|oui|si|sim|true|erledigt|fertig|abgeschlossen|umgesetzt|behoben|fait"
    r"|faite|termine|terminee|complete|acheve|clos|hecho|hecha|completado|completada|terminado"
    r"|finalizado|cerrado|feito|feita|concluido|concluida|finito|fatto|fatta|completato|completata"
    r"|chiuso|klaar|gereed|afgerond|gedaan|完了|完了済|完了済み|済|済み|対応済|対応済み|実施済"
    r"|実施済み|已完成|完成|已解决"
    r"|已关闭|已上线|완료|완료됨|готово|выполнено|сделано|завершено|закрыто|gotowe|zrobione"
    r"|zakonczone|klar"
    r"|klart"
    r"|avslutad|fardig|tamam|tamamlandi|in production|live|100"
)
_DROPPED: Final = re.compile(
    r"wont do|wont fix|wontfix|not planned|cancel\w*|declined|rejected|obsolete|abandoned"
    r"|superseded"
    r"|duplicate|verworfen|annule|cancelado|却下|中止|取消|не актуально"
)
_OPEN: Final = re.compile(
    r"todo|to do|open|new|not started|not done|in progress|ongoing|started|wip|work in progress"
    r"|pending|planned|backlog|scheduled|blocked|on hold|in review|review|under review"
    r"|in development"
    r"|investigating|ready|assigned|accepted|proposed|draft|partial\w*|partially done|incomplete"
    r"|not yet|no|n|nein|non|nao|false|tbd|delayed|deferred|postponed|active|doing|triage"
    r"|to be done"
    r"|unresolved|overdue|late|at risk|on track|offen|in arbeit|geplant|laufend|begonnen|a faire"
    r"|ouvert"
    r"|en cours|prevu|planifie|pendiente|abierto|abierta|en progreso|en curso|por hacer|planificado"
    r"|pendente|aberto|em andamento|a fazer|planejado|aperto|aperta|in corso|da fare|pianificato"
    r"|gepland|bezig|te doen|未着手|未対応|未完了|未|対応中|進行中|着手|着手中|作業中|検討中|予定"
    r"|実施中|調査中|未开始|进行中|待处理"
    r"|计划中|处理中|未完成|待办|진행 중|진행중|예정|미완료|대기|시작 전|미착수|открыто|в работе"
    r"|в процессе|запланировано"
    r"|не начато|нет|otwarte|w toku|planowane|pagaende|oppen|planerad|acik|\d{1,2}"
)
_TICKED: Final = re.compile("[\u2705\u2714\u2611\u2713\U0001f5f9]")
_CLEAR: Final = re.compile(
    "[\u274c\u2610\u2b1c\U0001f532\U0001f6a7\u23f3\U0001f504\u231b\U0001f534\U0001f7e1\U0001f7e0]"
)
_GREEN: Final = "\U0001f7e2"
_BOX: Final = re.compile(r"\[([ xX~/-]?)\](?!\()")
_PRIORITIES: Final = {
    Priority.P0: "critical|urgent|blocker|highest|very high|immediate|kritisch|dringend|critique"
    "|critica|critico|緊急|最高|紧急|긴급|критический|krytyczny",
    Priority.P1: "high|important|major|hoch|haute|eleve|elevee|alta|alto|hoog|高|高い|높음|상"
    "|высокий"
    "|wysoki|hog",
    Priority.P2: "medium|med|normal|moderate|mittel|moyenne|moyen|media|medio|middel|gemiddeld|中"
    "|보통"
    "|중|средний|sredni|średni",
    Priority.P3: "low|minor|lowest|nice to have|trivial|niedrig|gering|basse|faible|baja|bajo|baixa"
    "|baixo|bassa|basso|laag|低|低い|낮음|하|низкий|niski|lag",
}
_PLAIN_LEVEL: Final = re.compile(
    r"(?:critical|urgent|highest|high|medium|med|low|lowest|kritisch|hoch|mittel|niedrig|critique"
    r"|haute|moyenne|basse|critica|alta|media|baja|baixa|bassa|高|中|低|высокий|средний|низкий)"
)
_PRIORITY_OF: Final = {
    norm(word): priority for priority, words in _PRIORITIES.items() for word in words.split("|")
}
_LEVEL: Final = re.compile(r"(?<![A-Za-z0-9])[pP]-?\s?([0-3])(?!\d|\w|-\d)")
_SEVERITY: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:sev(?:erity)?|s)\s?[-_#:]?\s?([1-4])(?![0-9A-Za-z])", re.IGNORECASE
)
_GRAVE: Final = re.compile(
    r"\b(?:critical|major|minor|high|medium|moderate|low|kritisch|hoch|mittel|niedrig|critique"
    r"|majeure?|mineure?|elevee?|moderee?|moyenne?|faible|critica|critico|alta|alto|media|medio"
    r"|moderada|moderado|moderata|elevada|elevado|baja|bajo|baixa|baixo|bassa|basso"
    r"|критическ\w+|высок\w+|средн\w+|низк\w+"
    r"|grave)\b"
    r"|重大|軽微|严重|一般|\A[高中低]\Z"
)
_GRAVITY: Final = {
    "major": 1, "majeur": 1, "majeure": 1, "minor": 2, "mineur": 2, "mineure": 2, "low": 3,
    "high": 1, "medium": 2, "moderate": 2, "grave": 1, "一般": 2,
    "高": 1, "中": 2, "低": 3, "重大": 1, "軽微": 2, "严重": 1,
    "hoch": 1, "mittel": 2, "niedrig": 3, "elevee": 1, "eleve": 1, "moyenne": 2, "moyen": 2,
    "moderee": 2, "modere": 2, "moderada": 2, "moderado": 2, "moderata": 2, "elevada": 1,
    "elevado": 1, "alto": 1, "medio": 2, "bajo": 3, "baixo": 3, "basso": 3,
    "faible": 3, "alta": 1, "media": 2, "baja": 3, "baixa": 3, "bassa": 3,
}  # fmt: skip


#: By how Russian words for it begin, whatever their ending.
_SLAVIC: Final = {"высо": 1, "сред": 2, "низк": 3}


@lru_cache(maxsize=2048)
def role_of(heading: str) -> Role | None:
    """What a column under ``heading`` (plain text) holds; None where its words tell nothing."""
    if re.fullmatch(r"\W*[\u2705\u2714\u2713\u2611]\W*", heading):
        return Role.STATUS
    words = norm(re.sub(r"[(\uff08\[].*", "", heading) or heading)
    if words in _EXACT:
        return _EXACT[words]
    if words and len(words.split()) <= _LONGEST_HEAD:
        return next((role for role, pattern in _WITHIN if pattern.search(words)), None)
    return None


@lru_cache(maxsize=2048)
def field_of(word: str) -> Role | None:
    """What ``word:`` before a text says of an item; exact words only."""
    return _EXACT.get(norm(word)) if len(word) <= 40 else None  # noqa: PLR2004  characters


def done_of(text: str) -> bool | None:
    """Whether a state's words say done (also: will not be done); None if they say neither."""
    box = _BOX.search(text)
    if box:
        return box[1] in {"x", "X"}
    if _TICKED.search(text) or _GREEN in text:
        return True
    if _CLEAR.search(text):
        return False
    words = norm(text)
    if _DONE.fullmatch(words) or _DROPPED.fullmatch(words):
        return True
    return False if _OPEN.fullmatch(words) else _first_of(words)


def _first_of(words: str) -> bool | None:
    """Done 2024-05-02, Completed in #12, n/a DONE: the state and something else."""
    if re.match(r"(?:not|partially|un|almost|to be)\b", words):
        return False
    for at in (0, -1):
        one = words.split()[at] if words else ""
        if _DONE.fullmatch(one) and len(one) > 1:
            return True
        if _OPEN.fullmatch(one) and len(one) > 2:  # noqa: PLR2004  "no" begins many sentences
            return False
    return None


def ticked(text: str) -> bool:
    """Whether a text bears a tick as an emoji."""
    return _TICKED.search(text) is not None


def priority_of(text: str) -> Priority | None:
    """The one priority a text names: P1, "P1 (high)", "High", "Hoch"; None for none or several."""
    levels = set(_LEVEL.findall(text))
    if levels:
        return Priority(f"P{levels.pop()}") if len(levels) == 1 else None
    words = norm(text)
    return _PRIORITY_OF.get(words) or _PRIORITY_OF.get(re.sub(r" ?(?:priority|prio)$", "", words))


def plain_priority(text: str) -> Priority | None:
    """A priority in the plain words for levels, which nothing else is called: "High", "low prio".

    "Important", "minor" and "immediate" describe other things too, and need the word "priority".
    """
    words = norm(text)
    if _PLAIN_LEVEL.fullmatch(words) or re.search(r"\bprio", words):
        return priority_of(text)
    return None


def crossed(text: str) -> bool:
    """Whether a text bears a cross, an hourglass or another sign for what is not done."""
    return _CLEAR.search(text) is not None


def category_of(text: str) -> Category | None:
    """The category a text names, where it is one of ours."""
    return parse_category(re.sub(r"[^\w\s-]", "", text))


def severity_of(text: str) -> Severity | None:
    """The one severity a text names; a ticked box among several counts, several without do not.

    P0 to P3 stand for SEV1 to SEV4. "SEV2 (major)" is SEV2: a number counts before a word.
    """
    ticked_ones = re.findall(r"\[[xX]\]\s*([^\[\]]{1,40})", text)
    if _BOX.search(text):
        text = ticked_ones[0] if len(ticked_ones) == 1 else ""
    numbers = set(_SEVERITY.findall(text))
    if numbers:
        return Severity(f"SEV{numbers.pop()}") if len(numbers) == 1 else None
    levels = set(_LEVEL.findall(text))
    if levels:
        return SEVERITY_OF[Priority(f"P{levels.pop()}")] if len(levels) == 1 else None
    bare = re.sub(r"[(\uff08].*", "", text[:80], flags=re.DOTALL)
    if re.fullmatch(r"\W*[1-4]\W*", bare):
        return Severity(f"SEV{re.sub(r'[^1-4]', '', bare)}")
    first = re.split(r"\s[\u2013\u2014-]\s|[,.;:]", bare.strip(" -"), maxsplit=1)[0]
    if re.match(r"(?:no|none|non|not|nothing|keine?|aucune?|ninguna?|nenhuma?)\b", norm(first)):
        return None
    words = set(_GRAVE.findall(norm(first if _GRAVE.search(norm(first)) else bare)))
    if len(words) != 1:
        return None
    word = words.pop()
    return list(Severity)[_GRAVITY.get(word, _SLAVIC.get(word[:4], 0))]


def is_state(text: str) -> bool:
    """Whether a text is nothing but a state."""
    words = norm(text)
    return bool(
        _DONE.fullmatch(words)
        or _OPEN.fullmatch(words)
        or _DROPPED.fullmatch(words)
        or parse_resolution(text)
    ) and not re.fullmatch(r"\d*|n|y|x|p", words)


def is_level(text: str) -> bool:
    """Whether a text is nothing but a priority or a severity."""
    return parse_priority(text) is not None or parse_severity(text) is not None
