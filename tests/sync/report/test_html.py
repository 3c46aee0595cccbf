"""The page: one file, safe with whatever text, and no wider than the screen."""

import html as escapes
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.report import html
from sync.rules.model import Waiver

VOID = {"meta", "br"}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`]]>{{ 7 * 7 }} & more"


class Tags(HTMLParser):
    """Every tag and attribute; complains of what is not closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attributes]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def hostile(build, text=HOSTILE):
    """A state whose every text is ``text``."""
    action = build.action(51, owners=(text,), title=text, place=text)
    bare = build.bare(title=text, place=text, owner=text)
    item = {"title": text}
    return build.state(
        build.incident(1, item=item, actions=(action, bare), services=(text,)),
        build.incident(2, item=item, services=(text,), opened=build.noon),
        pair=text,
    )


def test_every_part_is_on_the_page(build):
    page = Tags(html.write(build.report(build.busy())))
    text = " ".join(page.texts)
    for part in (
        "Incidents without a postmortem",
        "Open follow-ups",
        "By owner",
        "Completion on time",
        "Median to resolve, by month",
        "Completed by week",
        "Repeats while a follow-up was open",
        "All findings",
    ):
        assert part in text, part
    assert page.tags.count("svg") >= 4


def test_the_page_needs_nothing_from_elsewhere(build):
    written = html.write(build.report(build.busy()))
    page = Tags(written)
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    assert not [one for one in page.attributes if one[1] in {"src", "srcset", "action", "style"}]
    assert not [one for one in page.attributes if one[1].startswith("on")]
    assert "url(" not in written
    assert "@import" not in written


def test_whatever_a_title_holds_stays_text(build):
    report = build.report(hostile(build))
    page = Tags(html.write(report))
    assert not {"script", "img"} & set(page.tags)
    assert any(HOSTILE in one for one in page.texts)
    assert not any("49" in one for one in page.texts)


@settings(max_examples=25)
@given(st.text(max_size=40))
def test_no_text_opens_or_closes_a_tag(build, text):
    plain = Tags(html.write(build.report(hostile(build, "x"))))
    odd = Tags(html.write(build.report(hostile(build, text or "x"))))
    # What is grouped by its text, or left out for want of it, may make fewer rows, never new kinds.
    assert set(odd.tags) <= set(plain.tags)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "https:", "", "http://[x"]
)
def test_only_addresses_of_the_web_become_links(build, url):
    state = build.state(build.incident())
    row = replace(state.incidents[0].item.ref, url=url)
    item = replace(state.incidents[0].item, ref=row)
    state = replace(state, incidents=(replace(state.incidents[0], item=item),))
    page = Tags(html.write(build.report(state)))
    assert "a" not in page.tags


def test_an_address_cannot_end_its_attribute(build):
    state = build.state(build.incident())
    odd = replace(state.incidents[0].item.ref, url='https://x.test/"onclick="alert(1)')
    item = replace(state.incidents[0].item, ref=odd)
    page = Tags(
        html.write(
            build.report(replace(state, incidents=(replace(state.incidents[0], item=item),)))
        )
    )
    assert (
        "a",
        "href",
        "https://x.test/%22onclick=%22alert(1)".replace("(", "%28").replace(")", "%29"),
    ) in page.attributes
    assert not [one for one in page.attributes if one[1] == "onclick"]


def test_a_page_about_nothing_says_none(build):
    page = Tags(html.write(build.report(build.state())))
    assert page.texts.count("None.") == 4
    assert "Every rule is met." in page.texts


def test_an_incomplete_page_says_so(build):
    assert "Not everything could be read" in html.write(build.report(build.state(complete=False)))


def test_long_lists_begin_on_the_page_and_go_on_one_click_away(build):
    many = [build.incident(number, opened=build.noon - timedelta(days=9)) for number in range(30)]
    report = build.report(build.state(*many))
    page = Tags(html.write(report))
    assert page.texts.count("18 more") == 2, "of those without a postmortem, and of all incidents"
    assert f"{len(report.findings)} findings, one by one" in page.texts
    keys = {f"acme/payments#{number}": 3 for number in range(30)}
    told = Counter(page.texts)
    assert all(told[key] >= times for key, times in keys.items()), "nothing is left out"


def test_a_waived_postmortem_is_told_apart_from_those_that_are_missing(build):
    waiver = Waiver(rule="postmortem-missing", reason="the provider wrote it",
                    until=date(2026, 12, 31), by="ana")  # fmt: skip
    state = build.state(build.incident(1), build.incident(2, waivers=(waiver,)))
    text = " ".join(Tags(html.write(build.report(state))).texts)
    assert "1  without a postmortem, 1 waived" in text
    assert "the provider wrote it" in text


def test_who_led_is_told(build):
    page = Tags(html.write(build.report(build.state(build.incident(commander="bo")))))
    assert "Led by" in page.texts
    assert "bo" in page.texts


def test_the_page_is_made_for_light_and_dark_screens_and_paper(build):
    written = html.write(build.report(build.busy()))
    assert "@media screen and (prefers-color-scheme: dark)" in written
    assert "@media print" in written


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(build, tmp_path, width):
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    long = build.state(
        build.incident(3, item={"title": "W" * 300}, actions=(build.action(61, title="i" * 300),)),
        pair="search",
    )
    page = html.write(build.report(build.busy(), long))
    outer = tmp_path / "outer.html"
    outer.write_text(
        f'<iframe width="{width}" height="800" style="border:0" '
        f'srcdoc="{escapes.escape(page)}" '
        'onload="document.title = contentDocument.documentElement.scrollWidth"></iframe>',
        "utf-8",
    )
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,900"]
    command = [browser, *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    shown = subprocess.run(
        [*command, outer.as_uri()], capture_output=True, text=True, timeout=120, check=False
    ).stdout
    (measured,) = re.findall(r"<title>(\d+)</title>", shown)
    assert int(measured) <= width
