"""The phrases that head sections, in the languages teams write postmortems in.

All are in the form :func:`mappings.postmortem.inline.norm` gives: lower case, no accents, no
punctuation. They are the field's common words, collected from style guides and dictionaries.
"""

from typing import Final

from mappings.postmortem.model import SectionKind

_K = SectionKind

#: Phrases that say what a section is wherever they stand in a short heading.
WITHIN: Final = {
    _K.SUMMARY: "summary|overview|abstract|tl dr|tldr|synopsis|in short|at a glance"
    "|zusammenfassung|uberblick|kurzfassung|resume|synthese|resumen|resumo|sumario|sommaire"
    "|riepilogo|sommario|sintesi|samenvatting|overzicht|サマリー|サマリ|概要|要約|摘要|概述|요약"
    "|개요|резюме|сводка|краткое описание|підсумок|стислий опис|podsumowanie|streszczenie"
    "|sammanfattning|sammendrag|yhteenveto|ozet|tom tat|ringkasan|que ocurrio"
    "|descripcion del incidente|descricao do incidente|kurzbeschreibung|概况|사건 개요"
    "|무슨 일이 있었나|кратко",
    _K.IMPACT: "impact|impacts|affected users|affected customers|affected services|users affected"
    "|customers affected|who was affected|what was affected|users impacted|impacted users"
    "|impacted customers|impacted services|services impacted|damage assessment|blast radius"
    "|auswirkung|auswirkungen|betroffene nutzer|incidence|incidences|impacto|impatto"
    "|repercussions|影響|影响|영향|влияние|последствия|wpływ|wplyw|gevolgen|paverkan|konsekvenser"
    "|etki|вплив|наслідки|tac dong|dampak|afectacion|usuarios afectados|utilisateurs touches"
    "|betroffene systeme|usuarios afetados|clientes afetados|clientes afectados|what was impacted"
    "|who was impacted|was impacted",
    _K.TIMELINE: "timeline|time line|timelines|chronology|sequence of events|order of events"
    "|event log|incident log|chain of events|zeitleiste|zeitlinie|zeitachse|zeitlicher ablauf"
    "|zeitlicher verlauf|chronologie|deroulement|cronologia|linea de tiempo|linea del tiempo"
    "|linea temporal|linha do tempo|sequenza degli eventi|tijdlijn|verloop|タイムライン|時系列"
    "|経緯|时间线|时间轴|时间表|經過|타임라인|хронология|хроника|таймлайн|os czasu|os czasowa"
    "|chronologia|tidslinje|zaman cizelgesi|хронологія|dong thoi gian|kronologi|cronograma"
    "|deroule|frise|zeitverlauf|经过|處理過程|处理过程|경과|시간순|ход событий",
    _K.ROOT_CAUSE: "root cause|root causes|rca|cause analysis|5 whys|five whys|5 why|five why"
    "|what caused|identified cause|cause of|causes of|probable cause|suspected cause|likely cause"
    "|direct cause|technical cause|immediate cause|why did it happen|why did this happen"
    "|why it happened|underlying cause|underlying causes|underlying issue|underlying problem"
    "|root problem|root issue|what was the cause|source of the problem|problem analysis"
    "|technical analysis|failure analysis|ursache|ursachen|grundursache|ursachenanalyse"
    "|fehlerursache|cause racine|causes racines|cause profonde|causes profondes|cause principale"
    "|causa raiz|causas raiz|causas|causa principal|causa tecnica|causa directa|causa direta"
    "|causa radice|cause radice|oorzaak|grondoorzaak|根本原因|原因|근본 원인|원인|первопричина"
    "|первопричины|причина|причины|причинная цепочка|першопричина|причини|коренева причина"
    "|nguyen nhan goc|akar masalah|przyczyna|przyczyny|grundorsak|rotarsak|kok neden"
    "|origen del problema|causa do problema|origem do problema|analyse des causes"
    "|origine du probleme|causa principale|根因|анализ причин",
    _K.CONTRIBUTING_FACTORS: "contributing factor|contributing factors|contributing cause"
    "|contributing causes|contributing condition|contributing conditions|contributory factors"
    "|contributors to the incident|what contributed|causal factors|contributory causes"
    "|secondary causes|additional factors|other factors|complicating factors|exacerbating factors"
    "|aggravating circumstances|made it worse|made things worse|aggravating factors"
    "|beitragende faktoren|begunstigende faktoren|mitwirkende faktoren|facteurs contributifs"
    "|facteurs aggravants|facteurs contribuants|factores contribuyentes"
    "|factores que contribuyeron|fatores contribuintes|fattori contribuenti|bijdragende factoren"
    "|寄与要因|寄与因子|誘因|facteur contributif|facteur aggravant|factor contribuyente"
    "|factores agravantes|fator contribuinte|fatores agravantes|fattore contribuente"
    "|beitragender faktor|促成因素|影响因素|기여 요인|способствующие факторы"
    "|сопутствующие факторы|сприятливі фактори|czynniki sprzyjajace|bidragande faktorer"
    "|facteurs contribuant",
    _K.ACTIONS: "action item|action items|action point|action points|action plan|action list"
    "|actions|actionables|actionable items|corrective action|corrective measure"
    "|corrective measures|corrective and preventive|corrective and preventative|preventive action"
    "|preventive measure|preventive measures|preventative action|preventative measure"
    "|preventative measures|remedial action|remedial measures|remediation items|remediation item"
    "|remediation plan|remediation tasks|remediations|follow up|follow ups|followup|followups"
    "|next step|next steps|todo|todos|to do|to dos|to do list|todo list|work items|repair items"
    "|outstanding items|outstanding tasks|improvement items|improvement actions|improvement plan"
    "|recommendations|recommendation|planned improvements|future improvements"
    "|suggested improvements|proposed improvements|improvements to be made|planned work"
    "|remaining work|outstanding work|further work|follow on work|follow through|countermeasures"
    "|counter measures|capa|remedies|commitments|way forward|path forward|plan of action"
    "|action tracker|mitigation plan|fix plan|resolution plan|stabilization plan"
    "|stabilisation plan|hardening plan|proposed solutions|proposed fixes|future steps"
    "|future plans|future mitigation|future mitigations|future changes|backlog items"
    "|items to address|things to fix|things to improve|long term remediation|remediation backlog"
    "|tasks created|issues created|tickets created|process changes|technical changes|massnahme"
    "|massnahmen|maßnahmen|aktionspunkte|nachste schritte|aufgaben|folgemassnahmen"
    "|handlungsempfehlungen|empfehlungen|mesure corrective|mesures|prochaines etapes"
    "|plan d'action|plan daction|points d'action|elements d'action|element d'action|taches"
    "|recommandations|suivis|acciones|elementos de accion|medidas|tareas|proximos pasos"
    "|plan de accion|recomendaciones|acoes|itens de acao|proximos passos|plano de acao|tarefas"
    "|recomendacoes|azioni|prossimi passi|misure correttive|piano d azione|actiepunten|actiepunt"
    "|acties|vervolgstappen|vervolgacties|maatregelen|アクションアイテム|アクション|対応策"
    "|再発防止策|今後の対応|今後の対策|対策|改善策|今後の予定|今後の課題|残課題|残タスク|残作業"
    "|対応予定|恒久対応|是正措置|やること|フォローアップ|次のステップ|ネクストアクション|行动项"
    "|改进措施|后续行动|后续措施|后续工作|后续|下一步|跟进事项|待跟进|遗留问题|待办|整改措施"
    "|整改项|优化措施|防范措施|预防措施|行动计划|改进计划|改进项|行動項目|조치 사항|조치사항"
    "|액션 아이템|후속 조치|후속 작업|개선 사항|개선 방안|향후 조치|향후 계획|재발 방지 대책"
    "|할 일|план действий|действия|меры|задачи|следующие шаги|дальнейшие шаги|дальнейшие действия"
    "|последующие действия|что сделать|план дій|дії|заходи|завдання|наступні кроки|рекомендації"
    "|hanh dong khac phuc|tindak lanjut|langkah selanjutnya|рекомендации|dzialania|działania"
    "|zadania|nastepne kroki|atgarder|nasta steg|åtgarder|toimenpiteet|aksiyonlar|eylem"
    "|mejoras propuestas|melhorias propostas|compromisos|accionables|que vamos a hacer"
    "|que haremos|o que vamos fazer|o que faremos|pendientes|pendencias|encaminhamentos"
    "|acompanhamento|suites a donner|ce que nous allons faire|korrekturmassnahmen|offene punkte"
    "|verbesserungsmassnahmen|massnahmenplan|weiteres vorgehen|was wir tun werden"
    "|sofortmassnahmen|対応事項|やるべきこと|改进建议|改进事项|优化建议|优化方案|落实计划"
    "|跟进计划|改进方案|개선 계획|조치 계획|개선 조치|что будем делать|что будет сделано"
    "|план работ|план доработок|доработки|改善措施|後續行動|後續|改進措施"
    "|mitigations for the future|mitigation for the future|improvements for the future"
    "|plans for the future|actions for the future|steps for the future|work queue|task list"
    "|open tasks|open work|작업 큐|작업 목록|작업 항목|향후 과제|개선 과제|조치 항목|任务清单"
    "|任务列表|跟进任务|課題と対応|タスク一覧|対応タスク",
    _K.LESSONS: "lesson|lessons|learnings|learning|learned|learnt|takeaways|what went well"
    "|what went wrong|what went badly|what went poorly|went well|went wrong|go well|went right"
    "|what worked|what could have|what could be|what can we improve|what can be improved"
    "|what to improve|what we did well|went less well|what was good|what was bad|surprised us"
    "|what helped|what hurt|area for improvement|areas for improvement|area of improvement"
    "|areas of improvement|opportunities for improvement|improvement opportunities"
    "|could be better|do differently|done differently|didnt work|did not work|didnt go|did not go"
    "|go so well|got lucky|what we learned|what did we learn|gelernt|erkenntnisse|lektionen"
    "|lehren|was lief gut|was lief schlecht|lecons|enseignements|retour d'experience"
    "|ce qui a bien|lecciones|aprendizajes|que salio bien|licoes|aprendizados|lezioni"
    "|geleerde lessen|lessen|教訓|学び|学んだこと|振り返り|うまくいった|经验教训|经验|教训|교훈"
    "|배운 점|уроки|выводы|висновки|bai hoc|pelajaran|wnioski|lardomar|laerdommer"
    "|cikarilan dersler|que salio mal|que funciono|que no funciono|lo que salio|deu certo"
    "|deu errado|que funcionou|nao funcionou|correu bem|correu mal|ce qui a mal"
    "|ce qui a fonctionne|gut lief|schlecht lief|うまくいかなかった|良かった点|よかった点"
    "|悪かった点|改善すべき|幸運|做得好|做得不好|做得不够|反思|잘된 점|잘못된 점|잘한 점"
    "|아쉬운 점|что прошло хорошо|что пошло|что сработало|что не сработало|andato bene"
    "|andato male",
    _K.PREVENTION: "prevention|prevent|preventing|preventive|preventative|avoid recurrence"
    "|avoiding recurrence|recurrence|vorbeugung|pravention|vermeidung|prevencion|prevencao"
    "|prevenzione|preventie|voorkomen|eviter|再発防止|予防|预防|防止再发|재발 방지|예방"
    "|предотвращение|предотвращения повторения|профилактика|запобігання|zapobieganie|forebyggande"
    "|como evitar|comment eviter|wie vermeiden|evitarlo|evitar que|future prevention|미래 방지"
    "|방지 대책",
}
#: Words that say it only when they are the whole heading.
WHOLE: Final = {
    _K.SUMMARY: "description|incident description|what happened|background|problem|issue"
    "|introduction|intro|brief|in brief|short version|recap|problem statement|the incident"
    "|was ist passiert|beschreibung|description de l'incident|que s'est il passe"
    "|ce qui s'est passe|que paso|descripcion|descricao|o que aconteceu|descrizione"
    "|cosa e successo|wat is er gebeurd|何が起きたか|何が起こったか|事象|事件描述|事故描述"
    "|что произошло|описание|co sie stalo|vad hande|问题描述|故障描述|contexte|contexto|kontext",
    _K.IMPACT: "scope|affected|effect|extent|consequence|damage|consequences|effects|schaden"
    "|folgen",
    _K.TIMELINE: "events|log|history|what happened when|when did it happen|log of events"
    "|key events|key timestamps|activity log|record of events|narrative|ablauf|verlauf|chronik"
    "|eventos|evenements|eventi|过程",
    _K.ROOT_CAUSE: "cause|causes|the cause|the causes|why|causa",
    _K.CONTRIBUTING_FACTORS: "factors|faktoren|facteurs|factores|要因",
    _K.ACTIONS: "action|tasks|remediation|remediation steps|improvements|process improvements"
    "|suivi|seguimiento|aktionen|a faire|verbesserungen|ameliorations|mejoras|melhorias"
    "|miglioramenti|改善|改善点|改进|开放事项|work to do|open items|future work|ai|ais|what next"
    "|whats next|what now|the plan|plan|proposed changes|planned changes|fixes|long term fix"
    "|long term fixes|permanent fix|measures|going forward|moving forward|hardening"
    "|what will change|what is changing|whats changing|what changes|actionable|jira tickets"
    "|planned fixes|azione|accion|acao|aktion|조치|과제|課題|任务",
    _K.LESSONS: "retrospective|retro|reflection|reflections|conclusions|good|bad|insights"
    "|positive|positives|negative|negatives|success|successes|failures|good things|bad things"
    "|the good|the bad|lucky breaks|总结|复盘总结",
    _K.PREVENTION: "how to avoid this",
}
