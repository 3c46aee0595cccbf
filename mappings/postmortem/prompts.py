"""Text that asks for content, or stands in for it: what templates are made of."""

import re
from functools import lru_cache
from typing import Final

from mappings.postmortem.inline import norm, plain
from mappings.postmortem.orders import VERBS

_EMPTY: Final = re.compile(
    r"(?:[\W_]*|tb[acd]|to ?do|to be (?:determined|defined|done|added|completed|confirmed"
    r"|filled(?: in)?"
    r"|written|decided|assigned)|n a|na|not applicable|none|nil|null|unknown|pending|fill (?:me"
    r"|this)? ?in"
    r"|placeholder|lorem ipsum.*|x{2,}|a{3,}|foo|bar|baz|unassigned|nobody|no ?one|not assigned"
    r"|keine?|offen|aucune?|neant|a (?:definir|completer|determiner|remplir)|nada|ninguno|ninguna"
    r"|por definir|nenhum|nenhuma|a definir|nessuno|da definire|geen|なし|無し|未定|該当なし"
    r"|特になし|无|暂无"
    r"|待定|없음|미정|нет|не определено|brak|wip|coming soon|etc)"
)
#: A word or two and a number or letter to count by.
_COUNTED: Final = re.compile(
    r"(?!(?:sev|severity|severidade?|severidad|priority|prioridade?|level|tier|inc|incident|issue"
    r"|ticket|week|sprint|phase|version|p|s|q|v)\b)(?:[^\W\d]+ ){1,3}(?:\d|x|y|z)"
)
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
#: "None", "no action items": an answer, which is not the same as a template's silence.
NOTHING: Final = re.compile(
    r"(?:none|nothing|no (?:further |follow ?up |additional |specific |new |open )*"
    r"(?:actions?|action items?|follow ups?|tasks?|items?|work|remediation|changes)"
    r"(?: (?:items?|required|needed|necessary|identified|planned|at this time|were identified"
    r"|are needed"
    r"|taken|for now|yet|so far|is needed|is required))*|keine(?: massnahmen)?|aucune? ?(?:action"
    r"|mesure)?"
    r"|ninguna? ?(?:accion)?|なし|特になし|无|없음)"
)
_WHOLLY_BRACKETED: Final = re.compile(
    r"[\s*_`\"'\u201c\u201d]*(?:\[[^\[\]\n]*\]|<[^<>\n]*>|\{\{.*\}\}|\$?\{[^{}\n]*\}|__+|%[A-Z_ ]+%"
    r"|\u300a[^\u300b]*\u300b)[\s*_`\"'.:\u201c\u201d]*"
)
_PLACEHOLDER: Final = re.compile(
    # <owner>, {{name}}, [the problem], YYYY-MM-DD, HH:MM, @name, INC-NNN, lorem ipsum
    r"<(?!https?:|mailto:|/?(?:a|b|i|br|em|p|u|s|code|kbd|sub|sup|span|strong|details|summary|div"
    r"|img|del"
    r"|ins|small|font|li|ul|ol|td|tr|table|hr)\b)[A-Za-z\u00c0-\u024f\u3040-\u9fff]"
    r"[^<>\n=]{0,80}>(?!\()"
    r"|\{\{[^{}\n]{0,80}\}\}|\$\{[A-Za-z_ ]{1,40}\}"
    r"|\[(?:(?:the|le|la|les|l['\u2019]|un|une|der|die|das|el|los|o|a|an|insert|your|describe|add"
    r"|enter"
    r"|specify|list|e\.g|name of|nom|link to|date|time|owner|team|person|service|component|system"
    r"|action"
    r"|task|title|description|number|ticket|xx+|tbd|placeholder|assignee|name"
    r"|due date)\b[^\[\]\n]{0,80})\](?![(\[])"
    r"|\[(?i:action(?: item)?|task|title|owner|owners|due(?: date)?|date|name|description|assignee"
    r"|link|ticket"
    r"|number|(?:short |brief )?(?:incident|outage|service|issue|problem)?[ -]?(?:title|name"
    r"|description|summary)"
    r"|author|authors|list of \w+)\](?![(\[])"
    r"|\b(?:YYYY|yyyy|JJJJ|AAAA)[-/.年]?(?:MM|mm)?[-/.月]?(?:DD|dd|TT|JJ)?\b|\bMM/DD\b|\bDD/MM\b"
    r"|\b(?:HH|hh|XX|xx|00):(?:MM|mm|XX|xx)\b|\b[A-Z]{2,8}-(?:X{2,}|N{2,}|#{1,}|\?{1,})|@(?:name"
    r"|owner"
    r"|username|user|person|assignee|someone|handle|your-?name|team-?name|mention)\b"
    r"|(?i:lorem ipsum)"
    r"|(?<![\w-])(?:X{1,2}|N{2}|xx)\s?(?:%|h\b|m\b|min\w*|hours?|horas?|heures?|stunden|days?|jours?"
    r"|d[ií]as?|users?|requests?|utilisateurs|usu[aá]rios|usuarios)"
    r"|(?i:\bsev-?\s?\d\s?(?:/\s?(?:sev-?\s?)?\d\s?){1,3}(?!\d))"
    r"|_{4,}|\bX{3,}\b|20XX|20xx|[#](?:X{3}|N{3})\b"
)
#: What every placeholder has in it; most texts have none of these.
_MAYBE: Final = re.compile(
    r"[<{\[@_#%/]|X|YYYY|yyyy|JJJJ|AAAA|MM|mm|xx|NN|-\?|[Ll][Oo][Rr][Ee][Mm]"
)
_ASKS: Final = re.compile(
    r"(?:please |kindly |briefly |optional |if applicable |here |use this (?:section"
    r"|space)? ?(?:to )?)*"
    r"(?:describe|explain|list|provide|include|document|summari[sz]e|outline|detail|note(?: any"
    r"| the| down)?"
    r"|add(?: a| any| the)? (?:brief|short|link|links|description|details|summary|list|more|rows?"
    r"|items?|your)"
    r"|insert|enter|fill|write|state|specify|identify (?:the|any|all|what)|give|capture|record"
    r"|replace|delete"
    r"|remove|copy|put|mention|indicate|report when|report what|run a|who|what|when|where|why|how"
    r"|which|did|was"
    r"|were|is there|are there|could|beschreib\w*|erklar\w*|nennen|was|wer|wann|wie|warum|decri\w*"
    r"|expliqu\w*"
    r"|identifi(?:que|ca|ez|ziere\w*)|detall\w*|detaill\w*|forneca|inclu[ay]\w*|avalie|registr[ea]\w*"
    r"|informe|relate|anote|preencha|resuma|list(?:e|ez)|quantos?|quantas?|como|onde|donde|combien"
    r"|besoin|geben sie|fassen sie|uma? (?:frase|breve)|una (?:frase|breve)|use (?:a|la|o) \w+"
    r"|indiqu\w*|precis\w*|fourni\w*|resum(?:er|ez)|quel\w*|qui|quand|comment|pourquoi|que s est"
    r"|describ\w*"
    r"|explic\w*|indica\w*|enumer\w*|quien|cuando|como|por que|quem|quando|descrev\w*|list[ea]r?"
    r"|ajout\w*"
    r"|inser\w*|enumer\w*|remplir|completer?z?|this section|these are|this is (?:a|where|the place)"
    r"|in this section|cette section|in diesem abschnitt|esta seccion)\b"
)
_ASKS_ELSEWHERE: Final = re.compile(
    r"(?:簡潔に|か。\Z|опишіть|вкажіть|перелічіть|заполните|приведите|说明|列出|简述|写明|を記載|を記入|を記述|を書く|してください|请描述|请填写|填写|描述|작성|기재|опишите|укажите"
    r"|перечислите|opisz)"
)
_STOCK: Final = re.compile(
    r"(?:your |the |an? |example |sample |some )*(?:first |second |third |next )?(?:action"
    r"|action item|item|task"
    r"|description|title|event|thing|step|owner|name|follow up|follow up item|todo|cause|factor"
    r"|lesson|ticket"
    r"|issue|link|date|due date|priority|status|text|summary|detail|details"
    r"|description of (?:the )?\w+|aktion"
    r"|massnahme|aufgabe|mesure|tache|accion|tarea|acao|azione|アクション|対応内容|行动)"
    r"(?: (?:item|description|title|name|goes here|here|text|[a-z]|\d{1,2}))*"
    r"|(?:item|task|action|action item|tarefa|tarea|acao|accion|tache|aufgabe)"
    r" (?:with|com|con|avec|mit) .{0,60}"
)
_LOREM: Final = re.compile(
    r"\b(?:lorem|ipsum|dolor|sit amet|consectetur|adipiscing|elit|curabitur|vulputate|etiam|quis"
    r"|dapibus|sed do|eiusmod|tempor|vestibulum|pellentesque|nullam|aliquam|vivamus|praesent)\b"
)
_EXAMPLE: Final = re.compile(
    r"\W*(?:example|e\.g|eg\.|for example|z\.\s?b|ex\.|exemple|ejemplo|例)", re.IGNORECASE
)
_CAPITALS: Final = re.compile(r"\b(?:DATE|TIME|NAME|OWNER|TITLE|SERVICE|TEAM|PERSON|SUMMARY)\b")
_THING: Final = re.compile(r"\b(?:thing|event|step|something) \d\b", re.IGNORECASE)
_ITALIC: Final = re.compile(r"\s*([*_])(?![*_\s])[^*_].*?(?<![\s*_])\1[\s.]*", re.DOTALL)
_BOX: Final = re.compile(r"(?<!\s)\s*\[[ xX~/-]?\](?!\()\s*")
_OPTION: Final = re.compile(
    r"(?:sev(?:erity)? ?\d|p ?\d|s\d|critical|high|medium|moderate|low|major|minor|draft"
    r"|(?:in )?review|final"
    r"|reviewed|open|closed|resolved|ongoing|monitoring|mitigated|in progress|complete|done|yes"
    r"|no)(?: .{0,20})?"
)
_CODE: Final = re.compile(r"(`+)[^`]+\1")
#: A text with so many words outside its code says something itself.
_TOLD: Final = 4
#: Placeholders are short, but for "Lorem ipsum".
_LONGEST_BLANK: Final = 60
#: A prompt of more words than this is somebody's sentence.
_LONGEST_PROMPT: Final = 45


def blank(raw: str, words: str) -> bool:
    """Whether a text says nothing: empty, TBD, N/A, ``<owner>``, ``[Action]``, "Action 1".

    ``raw`` is the text as written, ``words`` the same without markup.
    """
    raw = _BOX.sub("", raw, count=1)
    if "<!--" in raw:  # what a form tells its reader
        raw = _COMMENT.sub("", raw)
        words = words if raw.strip() else ""
    if not raw.strip() or not words or _WHOLLY_BRACKETED.fullmatch(raw[:300]):
        return True
    if len(words) > _LONGEST_BLANK and not words.lower().startswith("lorem"):
        return False
    bare = norm(words)
    return bool(_EMPTY.fullmatch(bare) or _STOCK.fullmatch(bare))


def _is_counted(bare: str) -> bool:
    """Whether it only holds a place in a row: "Symptom 2", "Ação imediata 1", "Diagnosis X"."""
    return _COUNTED.fullmatch(bare) is not None and VERBS.match(bare) is None


def undecided(raw: str) -> bool:
    """Whether a value is a choice nobody has made, in any words: "Low | Medium | High"."""
    pieces = [one.strip(" *_`") for one in re.split(r"\s+\|\s+", raw.strip())]
    few = all(one and len(one.split()) <= 3 for one in pieces)  # noqa: PLR2004  words
    return (len(pieces) > 1 and few) or _options(plain(raw))


def nothing(words: str) -> bool:
    """Whether a text answers "none": "No further action required"."""
    if len(words) > 80:  # noqa: PLR2004  characters; more than that says something
        return False
    said = [norm(one) for one in re.split(r"[.;]", words)]
    return any(said) and all(not one or NOTHING.fullmatch(one) for one in said)


def partial(raw: str) -> bool:
    """Whether a text holds a place to be filled in: ``Fix <the service> by YYYY-MM-DD``."""
    raw = raw[:2000]
    bare = _CODE.sub(" ", raw) if "`" in raw else raw
    if len(norm(bare).split()) >= _TOLD:  # what stands in code beside a text is code
        raw = bare
    return _MAYBE.search(raw) is not None and _PLACEHOLDER.search(raw) is not None


@lru_cache(maxsize=512)
def unfilled(raw: str, words: str) -> bool:
    """Whether a paragraph, an entry or a cell is a template's: blank, a prompt or an example."""
    if blank(raw, words) or partial(raw):
        return True
    bare = norm(words[:600])
    if (
        _options(words)
        or _is_counted(bare)
        or len(_LOREM.findall(bare)) >= 2  # noqa: PLR2004  one may be a name
        or _EXAMPLE.match(words)
    ):
        return True
    if _CAPITALS.search(words) and _THING.search(words):
        return True
    return _asks(raw, words, bare)


def _options(words: str) -> bool:
    """Whether it is a choice nobody has made: "SEV1 | SEV2", "Draft / In review / Final"."""
    pieces = re.split(r"\s*[|/]\s*", words.strip()) if len(words) <= 120 else []  # noqa: PLR2004  chars
    return len(pieces) > 1 and all(_OPTION.fullmatch(norm(one)) for one in pieces)


def _asks(raw: str, words: str, bare: str) -> bool:
    """Whether it prompts: in italics, or a question, or an order to write something down."""
    if len(bare.split()) > _LONGEST_PROMPT:
        return False
    prompting = _ASKS.match(bare) is not None or _ASKS_ELSEWHERE.search(bare) is not None
    if _ITALIC.fullmatch(raw[:1000]):
        return prompting or words.rstrip().endswith(("?", "\uff1f"))
    if words.rstrip().endswith(("?", "\uff1f")):
        return prompting or len(bare.split()) <= 15  # noqa: PLR2004  a short question
    return prompting and _orders(bare)


def _orders(bare: str) -> bool:
    """Whether it orders to tell of the incident: "Describe the impact", not "List pods hourly"."""
    return bool(
        re.search(
            r"\b(?:incident|outage|impact|impacted|section|cause|causes|timeline|event|events"
            r"|summary"
            r"|happened|occurred|lessons|team|users|customers|postmortem|post mortem|affected"
            r"|factors"
            r"|detected|resolved|actions?|here|below|vorfall|ursache|auswirkung\w*|incidente"
            r"|impacto"
            r"|cronologia|causa|evenements?|ici|problem|template|report|duration|severity|steps"
            r"|usuarios?|clientes?|utilisateurs?|servicos?|servicios?|sistemas?|acciones|acoes|acao"
            r"|tarefas|tareas|mesures|medidas|licoes|lecciones|lecons|aprendizados?|problema|probleme"
            r"|panne|falha|fallo|ocorr\w*|aconteceu|paso|passe|detect\w*|resol\w*|evitar|raiz|bug"
            r"|restaurar|restaurer|horarios|eventos?|equipe|equipo|time|needed|issues?|recorrencia"
            r"|chronological\w*|sentences?|paragraphs?|bullet|explanation|description)\b",
            bare,
        )
    ) and not re.search(
        r"\b(?:was|were|had|wurde|fue|etait)\b.*\b(?:by|at|on|durch|por|par)\b", bare
    )
