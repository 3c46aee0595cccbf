"""Every shape in which people write action items down, and all that is read from one."""

from datetime import date

import pytest

from mappings.postmortem.model import Shape
from mappings.vocabulary import Category, Priority


def told(found):
    return [(one.title, one.owner, one.due_text, one.priority, one.done) for one in found]


def test_numbered_with_a_priority_in_brackets_and_the_owner_after_a_dash(actions):
    found = actions("""
        1. [P0] Renew certificates by machine — dana
        2. [P1] Alert two weeks before expiry — Priya Nair, due 2026-04-01
        3. [P2] Write down who owns which domain — platform team
        4. P3: Clean up the old balancer (@bo, PAY-31)
        """)
    assert told(found) == [
        ("Renew certificates by machine", "dana", "", Priority.P0, None),
        ("Alert two weeks before expiry", "Priya Nair", "2026-04-01", Priority.P1, None),
        ("Write down who owns which domain", "platform team", "", Priority.P2, None),
        ("Clean up the old balancer", "bo", "", Priority.P3, None),
    ]
    assert found[3].references == ("PAY-31",)
    assert {one.shape for one in found} == {Shape.NUMBERED}
    assert found[1].due == date(2026, 4, 1)


def test_check_lists_under_horizons_without_any_heading_for_actions(read):
    found = read("""
        # Search was slow

        ### Quick Wins
        - [x] Raise the pool size — @lee
        - [ ] Add a graph of waiting queries - @kim (#123)

        ### Short-Term
        - [ ] Cap queries per tenant (@lee) by 15 May 2026

        ### Long-Term
        - [ ] Move search to its own cluster — Search Team
        """).actions
    assert told(found) == [
        ("Raise the pool size", "lee", "", None, True),
        ("Add a graph of waiting queries", "kim", "", None, False),
        ("Cap queries per tenant", "lee", "15 May 2026", None, False),
        ("Move search to its own cluster", "Search Team", "", None, False),
    ]
    assert [one.group for one in found] == ["Quick Wins", "Quick Wins", "Short-Term", "Long-Term"]
    assert found[1].references == ("#123",)


def test_a_table_by_what_its_columns_are_called(actions):
    found = actions("""
        | # | Action | Owner | Due | Priority | Status | Type | Ticket |
        |---|--------|-------|-----|----------|--------|------|--------|
        | P1 | Drain the queue on stop | @ana | 2026-04-01 | High | Begun | bug | [OPS-12][1] |
        | P2 | Page on queue age | Ben Ode | 3 April | P2 | Done | feature | OPS-13 |
        | P3 | Test failover twice a year | TBD | | Low | | | 77 |

        [1]: https://x.example/browse/OPS-12
        """)
    assert told(found) == [
        ("Drain the queue on stop", "ana", "2026-04-01", Priority.P1, False),
        ("Page on queue age", "Ben Ode", "3 April", Priority.P2, True),
        ("Test failover twice a year", "", "", Priority.P3, False),
    ]
    assert [one.due for one in found] == [date(2026, 4, 1), date(2026, 4, 3), None]
    assert [one.category for one in found] == [Category.BUG, Category.FEATURE, None]
    assert [one.references for one in found] == [
        ("https://x.example/browse/OPS-12",),
        ("OPS-13",),
        ("#77",),
    ]
    assert [one.line for one in found] == [7, 8, 9]


def test_a_plain_check_list(actions):
    found = actions("- [ ] Delete the flag\n- [X] Page somebody\n* [ ] Warn the partners\n")
    assert [(one.title, one.done) for one in found] == [
        ("Delete the flag", False),
        ("Page somebody", True),
        ("Warn the partners", False),
    ]
    assert [(one.line, one.shape, one.confidence > 0.9) for one in found] == [
        (5, "check-box", True),
        (6, "check-box", True),
        (7, "check-box", True),
    ]


def test_a_document_that_is_a_timeline_with_next_steps(read):
    found = read("""
        # Incident timeline: payments slow

        **Started**: 2026-02-11 09:05 UTC
        **Resolved**: 2026-02-11 10:35 UTC

        | Time | Event | Owner |
        |------|-------|-------|
        | 09:05 | Latency rises | monitoring |
        | 09:20 | Roll back | Sam |

        ## Next steps
        * Sam to add a canary stage
        * @kim: review the timeouts by 2026-03-01
        * Everyone to read the runbook
        """)
    assert told(found.actions) == [
        ("Sam to add a canary stage", "Sam", "", None, None),
        ("review the timeouts", "kim", "2026-03-01", None, None),
        ("Everyone to read the runbook", "", "", None, None),
    ]


def test_headings_that_are_items_with_their_fields_below(actions):
    found = actions("""
        ### 1. Add rate limiting
        - **Owner:** Dana
        - **Due:** 2026-06-01
        - **Priority:** P1
        - **Ticket:** https://gitlab.com/acme/web/-/issues/77

        ### 2) Split the database `@mo`
        **Status:** Done

        It took long.

        ### Think about more
        """)
    assert told(found) == [
        ("Add rate limiting", "Dana", "2026-06-01", Priority.P1, None),
        ("Split the database", "mo", "", None, True),
        ("Think about more", "", "", None, None),
    ]
    assert found[0].references == ("https://gitlab.com/acme/web/-/issues/77",)
    assert {one.shape for one in found} == {Shape.HEADING}


def test_one_item_told_field_by_field(actions):
    found = actions("- **Action:** Limit the rate\n- **Owner:** Dana\n- **Due date:** 2026-06-01\n")
    assert told(found) == [("Limit the rate", "Dana", "2026-06-01", None, None)]


def test_fields_below_an_entry_are_the_entrys(actions):
    found = actions("""
        - Add an alert for disk space
          - Owner: Kim
          - Due: 2026-06-01
          - Status: done
        - Page on errors
        """)
    assert told(found) == [
        ("Add an alert for disk space", "Kim", "2026-06-01", None, True),
        ("Page on errors", "", "", None, None),
    ]


def test_bold_lines_and_short_labels_group_what_follows(actions):
    found = actions("""
        **Monitoring**

        - Add an alert for disk space

        - Process:
          - Write a runbook
          - Train two more people
        """)
    assert [(one.title, one.group) for one in found] == [
        ("Add an alert for disk space", "Monitoring"),
        ("Write a runbook", "Process"),
        ("Train two more people", "Process"),
    ]


def test_an_entry_with_details_below_is_one_item_and_boxes_below_are_their_own(actions):
    found = actions("""
        - [ ] Find out whether we can:
          - [ ] notice sooner
          - [ ] recover alone
        - [ ] Improve the alerts
          - [x] Queue age
        """)
    assert [(one.title, one.done) for one in found] == [
        ("Find out whether we can", False),
        ("Improve the alerts", False),
        ("Queue age", True),
    ]
    assert found[2].group == "Improve the alerts"


def test_lists_that_markdown_does_not_know(actions):
    assert [(one.title, one.done) for one in actions("• Warn partners\n• Delete the flag\n")] == [
        ("Warn partners", None),
        ("Delete the flag", None),
    ]
    assert [(one.title, one.done) for one in actions("☐ Warn partners\n☑ Delete the flag\n")] == [
        ("Warn partners", False),
        ("Delete the flag", True),
    ]


def test_a_labelled_paragraph_is_an_item_wherever_it_stands(read):
    found = read("""
        # Outage

        ## What went wrong
        We declared late.

        **Action item:** Declare incidents sooner. Owner: @lee
        """).actions
    assert told(found) == [("Declare incidents sooner.", "lee", "", None, None)]
    assert found[0].shape == Shape.PARAGRAPH


def test_sections_written_as_bold_labels_in_a_list(read):
    found = read("""
        # Incident

        - **Impact**: nobody could pay
        - **Time to resolve**: 0h 43m
        - **Review actions**:
          - Find out why no test failed. Ticket [#29](https://github.com/acme/web/issues/29)
          - Add a smoke test
        - **Resolution**: rolled back
        """)
    assert [one.kind for one in found.sections] == ["impact", "actions"]
    assert [(one.title, one.references) for one in found.actions] == [
        ("Find out why no test failed.", ("https://github.com/acme/web/issues/29",)),
        ("Add a smoke test", ()),
    ]


@pytest.mark.parametrize(
    ("line", "owner", "due", "done"),
    [
        ("- Add a test (@ana, @bo)", "ana, bo", "", None),
        ("- Add a test [Rick]", "Rick", "", None),
        ("- Add a test (owner: Ana López; due: 2026-05-01)", "Ana López", "2026-05-01", None),
        ("- Add a test | Owner: Ana | Due: 1 May 2026", "Ana", "1 May 2026", None),
        ("- ✅ Add a test", "", "", True),
        ("- Add a test (done)", "", "", True),
        ("- [ ] Add a test (in progress)", "", "", False),
        ("- Add a test, due by 2026-05-01", "", "2026-05-01", None),
        ("- Add a test — ana — 2026-05-01", "ana", "2026-05-01", None),
        ("- [ana](https://github.com/ana) Add a test", "", "", None),
        ("- TODO(kim): add a test", "kim", "", None),
        ("- 監視を追加する\uff08担当: 田中、期限: 2026-04-01\uff09", "田中", "2026-04-01", None),
        ("- Add a test (if possible)", "", "", None),
        ("- Add a test by hand", "", "", None),
    ],
)
def test_what_stands_around_the_text(actions, line, owner, due, done):
    found = actions(line)[0]
    assert (found.owner, found.due_text, found.done) == (owner, due, done)


def test_a_title_is_plain_and_short_enough_for_every_tracker(actions):
    found = actions(
        "- **Add** a [test](https://x.example/a) for `x_y_z` & *co*\n- "
        + "Add more tests now. " * 30
    )
    assert found[0].title == "Add a test for x_y_z & co"
    assert found[1].title == " ".join(["Add more tests now."] * 12)
    assert len(found[1].title) <= 250


def test_an_item_over_several_lines_is_one(actions):
    found = actions(
        "- [ ] Add a test\n  for empty input\nand for none "
        "([#3](https://github.com/a/b/issues/3))\n"
    )
    assert [(one.title, one.line, one.end_line) for one in found] == [
        ("Add a test for empty input and for none", 5, 7)
    ]
    assert found[0].references == ("https://github.com/a/b/issues/3",)


def test_a_state_in_the_column_of_issues_counts(actions):
    found = actions("""
        | Action | Owner | Bug |
        |--------|-------|-----|
        | Plug the leak | ana | n/a **DONE** |
        | Load the disk | bo | #12 TODO |
        """)
    assert [(one.done, one.references) for one in found] == [(True, ()), (False, ("#12",))]


def test_a_number_in_the_column_of_issues_is_one_whatever_stands_about_it(actions):
    found = actions("""
        | Action | Owner | Bug |
        |--------|-------|-----|
        | Plug the leak | ana | Bug 4711 **TODO** |
        | Load the disk | bo | Ticket 4712, done |
        | Watch the disk | bo | [4713](https://bugs.example/4713) |
        | Write it down | bo | see the 3 notes of May |
        """)
    assert [(one.done, one.references) for one in found] == [
        (False, ("#4711",)),
        (True, ("#4712",)),
        (None, ("https://bugs.example/4713",)),
        (None, ()),
    ]


def test_a_handle_with_its_sign_behind_it_is_an_owner(actions):
    found = actions("""
        | Action | Owner |
        |--------|-------|
        | Plug the leak | ana@ |
        | Load the disk | ana@, bo@ |
        | Watch the disk | bo@shop.example |
        """)
    assert [one.owner for one in found] == ["ana", "ana, bo", "bo@shop.example"]


def test_a_key_before_the_text_is_its_issue_and_not_part_of_it(actions):
    found = actions(
        "- PAY-120: Add retries\n- [PAY-121](https://x.example/browse/PAY-121) - Wait less\n"
    )
    assert [(one.title, one.references) for one in found] == [
        ("Add retries", ("PAY-120",)),
        ("Wait less", ("https://x.example/browse/PAY-121",)),
    ]


def test_what_a_heading_says_holds_for_the_items_below(actions):
    found = actions("""
        ### P1 (by 2026-06-01)
        - Add a limit

        ### Q2 2026
        - Test the limit

        ### Completed
        - Restart the host
        """)
    assert [(one.priority, one.due_text, one.done) for one in found] == [
        (Priority.P1, "2026-06-01", None),
        (None, "Q2 2026", None),
        (None, "", True),
    ]


def test_a_person_of_the_document_before_a_colon_is_the_owner(read):
    found = read("""
        # Shop down
        **Responders:** Bo Lee, Ana
        ## Actions
        - **Bo Lee**: check the backups
        - Cleanup: remove unused volumes
        """).actions
    assert [(one.title, one.owner) for one in found] == [
        ("check the backups", "Bo Lee"),
        ("Cleanup: remove unused volumes", ""),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("**P1** Watch the queue", ("Watch the queue", "", "", Priority.P1, None)),
        ("`P2` Watch the queue", ("Watch the queue", "", "", Priority.P2, None)),
        ("[High] Watch the queue", ("Watch the queue", "", "", Priority.P1, None)),
        ("**Low priority:** Watch it", ("Watch it", "", "", Priority.P3, None)),
        ("Watch the queue (Medium)", ("Watch the queue", "", "", Priority.P2, None)),
        ("Watch it — High — Ana", ("Watch it", "Ana", "", Priority.P1, None)),
        ("Important: nobody is woken", ("Important: nobody is woken", "", "", None, None)),
        ("Watch it — Ana Lee and Bo Kim", ("Watch it", "Ana Lee and Bo Kim", "", None, None)),
        ("Watch it -- ana", ("Watch it", "ana", "", None, None)),
        ("(@ana) Watch it", ("Watch it", "ana", "", None, None)),
        ("[@ana, @bo] Watch it", ("Watch it", "ana, bo", "", None, None)),
        ("Watch it (ana@shop.example)", ("Watch it", "ana@shop.example", "", None, None)),
        ("Watch it @ana 2026-05-01", ("Watch it", "ana", "2026-05-01", None, None)),
        ("Watch it. Owner: Ana. Due: 2026-05-01.", ("Watch it.", "Ana", "2026-05-01", None, None)),
        (
            "Watch it (owner @ana, P1, ETA 2026-05-01)",
            ("Watch it", "ana", "2026-05-01", Priority.P1, None),
        ),
        (
            "Watch it — carts_open, order_lines",
            ("Watch it — carts_open, order_lines", "", "", None, None),
        ),
        ("Done: watch the queue", ("watch the queue", "", "", None, True)),
        ("Watch the queue **Done**", ("Watch the queue", "", "", None, True)),
        ("Watch the queue: done", ("Watch the queue", "", "", None, True)),
        ("Watch it — completed 2026-04-01", ("Watch it", "", "", None, True)),
        ("❌ Watch the queue", ("Watch the queue", "", "", None, False)),
        ("1. Watch the queue", ("Watch the queue", "", "", None, None)),
    ],
)
def test_levels_people_and_states_at_either_end_of_a_line(actions, line, expected):
    assert told(actions(f"- {line}\n- Tell the shops what happened\n"))[0] == expected


def test_a_status_line_is_still_no_item(actions):
    assert actions("- Status: done\n- Owner: ana\n") == ()


def test_words_that_group_items_head_the_entries_below_them(actions):
    found = actions("""
        - Mitigate
            - Drain the queue by hand (@ana)
            - Stop the importer (@bo)
        - Short term
            - Watch the queue
        - Improve alerting
            - so that somebody wakes up
        """)
    assert [(one.title, one.owner, one.group) for one in found] == [
        ("Drain the queue by hand", "ana", "Mitigate"),
        ("Stop the importer", "bo", "Mitigate"),
        ("Watch the queue", "", "Short term"),
        ("Improve alerting", "", ""),
    ]


def test_a_horizon_is_no_priority_but_a_level_in_a_heading_is(read):
    found = read("""
        # Queue full

        ## Action items

        ### Immediate
        - [ ] Drain the queue

        ### High priority
        - [ ] Watch the queue

        ### P2 (later)
        - [ ] Replace the queue
        """).actions
    assert [one.priority for one in found] == [None, Priority.P1, Priority.P2]


def test_a_column_of_boxes_without_a_name_is_the_state(actions):
    found = actions("""
        |     | Task            | Owner |
        |-----|-----------------|-------|
        | [x] | Drain the queue | Ana   |
        | [ ] | Watch the queue | Bo    |
        """)
    assert [(one.title, one.owner, one.done) for one in found] == [
        ("Drain the queue", "Ana", True),
        ("Watch the queue", "Bo", False),
    ]


def test_a_state_beside_the_issue_in_one_cell(actions):
    found = actions("""
        | Action          | Owner | Tracking issue                                              |
        |-----------------|-------|-------------------------------------------------------------|
        | Drain the queue | Ana   | [#4](https://git.example/shop/app/issues/4) — complete in 1.2 |
        | Watch the queue | Bo    | [#5](https://git.example/shop/app/issues/5)                 |
        """)
    assert [one.done for one in found] == [True, None]


def test_a_priority_in_parentheses_behind_a_horizon(actions):
    found = actions("""
        ### Immediate (High priority)
        1. **Drain**: by hand

        ### Long term (low priority)
        1. **Replace**: by another
        """)
    assert [one.priority for one in found] == [Priority.P1, Priority.P3]


def test_numbered_horizons_in_bold_with_a_remark_head_their_entries(actions):
    found = actions("""
        1. **Short term (month 1)**
           - Queue dashboards
        2. **Long term (quarter 2)**
           - A queue for each shop
           - Automatic drains
        """)
    assert [one.title for one in found] == [
        "Queue dashboards",
        "A queue for each shop",
        "Automatic drains",
    ]


def test_code_in_a_line_asks_for_nothing_and_names_nobody(actions):
    found = actions("""
        - [x] Find every `cast<Order> as <Type>` in the parser, see `// @safe-cast: <why>`
        - [ ] Test the importer
        """)
    assert [(one.owner, one.done) for one in found] == [("", True), ("", False)]


def test_items_behind_short_labels_wherever_they_stand(read):
    found = read("""
        # Queue full

        ## Discussion
        Action: Add an index. Owner: Ana. Due: 2026-05-10.

        - AI(bo): drain the queue by 2026-05-12
        - [ACTION] Remove the cron job @bo
        - **TODO:** check the logs

        ## Timeline
        - Action: restart the importer
        """).actions
    assert [(one.title, one.owner, one.due_text) for one in found] == [
        ("Add an index.", "Ana", "2026-05-10"),
        ("drain the queue", "bo", "2026-05-12"),
        ("Remove the cron job", "bo", ""),
        ("check the logs", "", ""),
    ]


def test_a_short_label_before_what_was_done_is_no_item(read):
    found = read("""
        # Queue full

        ## Response
        Action: restarted the importer and went home

        - Action: none was needed
        """)
    assert found.actions == ()


def test_next_steps_told_by_who_will_do_them(actions):
    found = actions("Priya Nair will add an index next week.\n", heading="Next steps")
    assert [one.title for one in found] == ["Priya Nair will add an index next week."]


def test_an_owner_behind_a_double_dash_as_chinese_has_it(actions):
    found = actions("1. 完善回滚流程——李四\uff0c2026-06-01\n2. 增加监控——张三\uff0c2026-06-02\n")
    assert [(one.title, one.owner, one.due_text) for one in found] == [
        ("完善回滚流程", "李四", "2026-06-01"),
        ("增加监控", "张三", "2026-06-02"),
    ]
