"""The words that label what a document says of its incident, in the languages of teams."""

from typing import Final

from mappings.postmortem.inline import norm

_LABELS: Final = {
    "severity": "severity|sev|severity level|incident severity|impact level|criticality|severite"
    "|gravite|niveau de severite|schweregrad|schwere|severidad|gravedad|severidade|gravidade"
    "|gravita|severita|ernst|重大度|深刻度|障害レベル|严重程度|严重级别|事故等级|级别|심각도|등급"
    "|серьезность|критичность|allvarlighetsgrad|waznosc|incident level|level|niveau de gravite"
    "|niveau de criticite|criticite|kritikalitat|criticidad|criticidade|nivel de severidad"
    "|nivel de gravedad|nivel de severidade|影響度|故障等级|故障级别|事件级别|事件等级"
    "|уровень критичности|уровень серьезности|критичность инцидента|severity rating"
    "|classification|sev level|严重度|严重性|嚴重程度|緊急度|紧急程度|영향도|중요도|рівень"
    "|важкість|критичність",
    "priority": "priority|prio|incident priority|priorite|prioritat|prioridad|prioridade|優先度"
    "|优先级|우선순위",
    "day": "date|incident date|date of incident|date of the incident|outage date|day|datum"
    "|datum des vorfalls|vorfallsdatum|date de l incident|date de lincident|fecha"
    "|fecha del incidente|data|data do incidente|data dellincidente|発生日|日付|障害発生日|日期"
    "|事故日期|发生日期|발생일|날짜|дата|дата инцидента|incident_date|occurred|occurred on"
    "|date time|date and time|when|date utc|dates|date s|date range|incident dates"
    "|incident start date|fecha y hora|fechas|data e hora|datas|date et heure|dates de l incident"
    "|datum und uhrzeit|インシデント日|障害日|故障日期|故障时间|事件日期|일시|사고일|장애 일시"
    "|дата и время",
    "started": "start|started|start time|incident start|started at|start date|start date time"
    "|began|begin|from|outage start|impact start|time started|beginn|start zeit|debut|inicio"
    "|inizio|開始|発生|発生日時|発生時刻|開始時刻|开始时间|发生时间|시작|начало|detected"
    "|detected at|time detected|start utc|incident began|incident start time|time of incident",
    "resolved": "end|ended|end time|incident end|ended at|end date|end date time|resolved"
    "|resolved at|resolution time|time resolved|to|outage end|impact end|ende|fin|fim|fine|終了"
    "|復旧|復旧日時|復旧時刻|终了|结束时间|恢复时间|종료|복구|окончание|incident resolved"
    "|incident ended|mitigated|resolved on|incident end time",
    "period": "period|impact period|incident period|affected period|outage window|zeitraum"
    "|periode|periodo|影響期間|発生期間|障害期間|影响时间|window|time period|when did it happen"
    "|time range|incident window",
    "duration": "duration|total duration|incident duration|outage duration|time to resolve"
    "|time to resolution|ttr|downtime|total downtime|length|how long|dauer|duree|duracion|duracao"
    "|durata|duur|影響時間|障害時間|所要時間|停止時間|持续时间|时长|지속 시간|длительность"
    "|продолжительность|impact duration|time to recover|czas trwania",
    "services": "services|service|affected services|affected service|services affected"
    "|service affected|systems|systems affected|affected systems|affected system|components"
    "|affected components|component|impacted services|services impacted|system|betroffene dienste"
    "|betroffene systeme|services touches|services affectes|servicios afectados|servicos afetados"
    "|servizi interessati|影響サービス|対象サービス|影响服务|受影响服务|영향 서비스"
    "|затронутые сервисы|product|products",
    "incident": "incident|incident id|incident number|incident ticket|incident issue"
    "|incident link|incident key|incident url|issue|ticket|tracking issue|jira|jira ticket"
    "|github issue|gitlab issue|related incident|related issue|incident report|vorfall|incidente"
    "|incidentes|numero d incident|インシデント|インシデントid|インシデント番号|事件编号|事故编号"
    "|인시던트|инцидент|tracking|incidents|issue link|ticket number|incident no",
    "people": "author|authors|owner|owners|incident leader|incident lead|incident commander"
    "|commander|ic|lead|responder|responders|participants|attendees|on call|oncall|reporter"
    "|facilitator|created by|written by|scribe|postmortem owner|incident manager|autoren|autor"
    "|verfasser|auteur|auteurs|autores|autore|作成者|対応者|担当者|负责人|作者|작성자|автор|team"
    "|people involved|reported by|resolved by|involved",
    "cause": "root cause|cause|root causes|ursache|cause racine|causa raiz|根本原因|原因",
}
#: What a label tells, by its words in the form for comparing.
FACT_OF: Final = {norm(one): what for what, words in _LABELS.items() for one in words.split("|")}


def folder_and_stem(path: str) -> tuple[str, str]:
    """The last folder of a path written with slashes, and the file's name without its ending."""
    folders, _, file = path.replace("\\", "/").rpartition("/")
    stem, dot, _ = file.rpartition(".")
    return folders.rpartition("/")[2], stem if dot and stem else file
