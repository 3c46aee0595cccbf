"""Forms nobody has filled in give nothing, whatever they are called; drafts are read."""

import pytest


@pytest.mark.parametrize(
    "text",
    [
        """
        # Post-Mortem: [Nome da falha]

        | Campo | Valor |
        |-------|-------|
        | ID | INC-XXXX |
        | Data | [dia e hora] |
        | Severidade | [P1, P2, P3] |

        ## Ações
        | Tipo | Descrição | Responsável | Prazo |
        |------|-----------|-------------|-------|
        | Preventiva | Medir as filas | Time B | 10/11 |
        """,
        """
        ---
        date: YYYY-MM-DD
        severity: SEV-1 | SEV-2 | SEV-3
        duration: <minutes>
        ---

        # 障害 YYYY-MM-DD: <Title>

        ## Timeline
        | 時刻 | 出来事 |
        |------|--------|
        | 10:00 | 店が止まった |
        | 10:10 | 再起動した |

        ## Action Items
        - [ ] キューを監視する
        """,
        """
        # Informe

        - **Fecha:** [DD/MM/AAAA]
        - **Severidad:** [SEV-1 / SEV-2]
        - **Autores:** [Nombres]

        ## Acciones
        | Tarea | Dueño | Prioridad |
        |-------|-------|-----------|
        | Vigilar las colas | @dev | Alta |
        """,
        """
        # Relato

        ## Impacto
        - Sintoma 1
        - Sintoma 2

        ## Fatores contribuintes
        - Fator 1
        - Fator 2

        ## Ações
        - [ ] Ação imediata 1
        - [ ] Ação imediata 2
        - [ ] Melhoria 1
        - [ ] Medir as filas
        """,
        """
        # Falha: nome do incidente

        ## Resumo
        Descreva o incidente e o impacto para os usuários.

        ## Ações
        - **Longo prazo**: O que faremos para evitar que aconteça de novo? (Ex: alarmes)
        """,
    ],
    ids=["place-in-the-title", "front-matter", "labels", "counted", "called-by-its-place"],
)
def test_a_form_under_any_name_gives_no_item(read, text):
    found = read(text, name="note.md")
    assert found.template
    assert found.actions == ()
    assert found.severity is None
    assert found.day is None


def test_a_draft_with_most_sections_open_is_read(read):
    found = read("""
        # Shop closed

        **Date:** 2026-03-02
        **Severity:** SEV2
        **Author:** TBD

        ## Summary
        TBD

        ## Impact
        TBD

        ## Timeline
        TBD

        ## Root cause
        TBD

        ## Action items
        - [ ] Watch the disks
        """)
    assert not found.template
    assert [one.title for one in found.actions] == ["Watch the disks"]


def test_levels_and_keys_are_no_counted_blanks(read):
    found = read("""
        # Shop closed

        **Severity:** SEV 2
        **Incident:** INC-7

        ## Action items
        - [ ] Watch queue 3
        """)
    assert (found.severity, found.incident) == ("SEV2", "INC-7")
    assert [one.title for one in found.actions] == ["Watch queue 3"]
