"""Pages and notebook fragments in a real browser: formulas laid out, light and dark, narrow and printed, and all of it quiet."""

import base64

import pytest
from sympy import Eq, symbols

from lagrangian import Problem, maximize, minimize, solve, solve_parametric
from lagrangian.report.page import report_page
from tests.test_w2v.browser import PROGRAM, Browser

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium to open the page with")
x, y, b = symbols("x y b", real=True)
INK = "getComputedStyle(document.body).color"
PAPER = "getComputedStyle(document.body).backgroundColor"


def knapsack():
    over = symbols("v1:7")
    room = sum(weight * v for weight, v in zip((3, 4, 5, 2, 7, 6), over, strict=True)) <= 13
    worth = sum(value * v for value, v in zip((5, 6, 8, 3, 11, 9), over, strict=True))
    return maximize(worth, [room], over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)))


PAGES = {
    "cases": lambda: report_page(minimize((x - 2) ** 2 + (y - 1) ** 2, [x**2 <= y, x + y <= 2], over=[x, y])),
    "roots": lambda: report_page(minimize(x**8 - 3 * x**5 + y**6 - x * y + y, over=[x, y]), detail="short"),
    "infeasible": lambda: report_page(minimize(x, [x >= 1, x <= 0], over=[x])),
    "regions": lambda: report_page(solve(BY_REGIONS), solve_parametric(BY_REGIONS)),
    "knapsack": lambda: report_page(knapsack()),
}
BY_REGIONS = Problem(x**2 - b * x, [x >= 0], over=[x])


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, write in PAGES.items():
        (folder / f"{name}.html").write_text(write(), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in PAGES}


def quiet(browser, address):
    """No request but that of the page, and nothing in the console."""
    asked = [event["params"]["request"]["url"] for event in browser.events if event["method"].endswith("WillBeSent")]
    assert {url for url in asked if not url.startswith("about:")} <= {address}
    said = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
    assert not [event for event in browser.events if event["method"] in said]


def test_every_page_is_quiet_laid_out_and_fits_any_width(browser, pages):
    for name, address in pages.items():
        for width, scheme in ((1200, "light"), (360, "dark")):
            browser.open(address, width, 800, scheme=scheme)
            assert browser.value("document.documentElement.scrollWidth <= innerWidth"), (name, width)
            empty = "[...document.querySelectorAll('math')].filter((m) => m.checkVisibility() && "
            empty += "!(m.getBoundingClientRect().width > 2 && m.getBoundingClientRect().height > 2)).length"
            assert browser.value(empty) == 0, name
            assert browser.value("document.querySelectorAll('math').length") > 3, name
            quiet(browser, address)


def test_formulas_have_two_dimensions(browser, pages):
    """Fractions above their bar, powers above and indices below the line: the browser knows what it draws."""
    browser.open(pages["cases"])
    box = "((e) => e.getBoundingClientRect())"
    above = f"[...document.querySelectorAll('.answer mfrac')].every((f) => {box}(f.children[0]).bottom <= "
    assert browser.value(above + f"{box}(f.children[1]).top + 2)") and browser.value(
        "document.querySelectorAll('.answer mfrac').length > 0"
    )
    raised = (
        f"[...document.querySelectorAll('h1 msup')].every((f) => {box}(f.children[1]).top < {box}(f.children[0]).top)"
    )
    lowered = f"[...document.querySelectorAll('.answer msub')].every((f) => {box}(f.children[1]).bottom > "
    assert browser.value(raised) and browser.value(lowered + f"{box}(f.children[0]).bottom)")


def test_long_formulas_break_into_lines(browser, pages):
    browser.open(pages["knapsack"], 360, 800)
    tops = "new Set([...document.querySelectorAll('.part .long')][0].querySelectorAll('math').values()"
    assert browser.value(tops + ".map((m) => Math.round(m.getBoundingClientRect().bottom / 8))).size") > 1


def numbers(color):
    return [float(part) for part in color[color.index("(") + 1 : -1].split(",")[:3]]


def test_light_and_dark_are_readable_pictures_among_them(browser, pages):
    seen = {}
    glyph = "getComputedStyle([...document.querySelectorAll('figure svg use')].at(-1)).fill"
    for scheme in ("light", "dark"):
        browser.open(pages["cases"], scheme=scheme)
        paper, *inks = (sum(numbers(browser.value(what))) for what in (PAPER, INK, glyph))
        seen[scheme] = paper
        assert all(abs(ink - paper) > 330 for ink in inks), scheme
    assert seen["light"] > 700 and seen["dark"] < 120


def test_what_is_folded_opens_by_keys_and_is_printed(browser, pages):
    browser.open(pages["cases"])
    inside = "document.querySelector('.case details table').checkVisibility({contentVisibilityAuto: true}) && "
    inside += "document.querySelector('.case details table').getBoundingClientRect().height > 5"
    assert not browser.value(inside)
    browser.value("document.querySelector('.case summary').focus()")
    browser.press("Enter", "\r")
    browser.frame()
    assert browser.value(inside)
    browser.press("Enter", "\r")
    browser.frame()
    assert not browser.value(inside)
    browser.send("Emulation.setEmulatedMedia", media="print")
    browser.frame()
    assert browser.value(inside), "paper has no keys"
    browser.send("Emulation.setEmulatedMedia", media="")


def test_a_page_prints(browser, pages):
    browser.open(pages["cases"], scheme="dark")
    printed = base64.b64decode(browser.send("Page.printToPDF")["data"])
    assert printed.startswith(b"%PDF") and printed.count(b"/Type /Page\n") >= 3
    browser.send(
        "Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}]
    )
    assert browser.value(PAPER) == "rgb(255, 255, 255)", "in the dark too, paper is white"
    browser.send("Emulation.setEmulatedMedia", media="")


def test_a_notebook_shows_what_it_is_given_in_its_own_colors(browser, tmp_path):
    """The fragment takes ink and paper from around it: notebooks are dark without the system being so."""
    solution = minimize(x**2 + y**2, [Eq(x + y, 1)], over=[x, y])
    fragments = "".join(value._repr_html_() for value in (solution, solution.problem.kkt(), solution.certificate))
    # how JupyterLab selects the cells and the rows of tables
    styles = ":not(.other).output td{text-align:right} .output tbody tr:nth-child(odd){background:#444}"
    page = f"<!doctype html><body style='background:#111;color:#eee'><style>{styles}</style><div class='output'>"
    (tmp_path / "notebook.html").write_text(page + fragments, encoding="utf-8")
    browser.open((tmp_path / "notebook.html").as_uri())
    assert browser.value("getComputedStyle(document.querySelector('.lagrangian p')).color") == "rgb(238, 238, 238)"
    assert (
        browser.value("getComputedStyle(document.querySelector('.lagrangian tr')).backgroundColor")
        == "rgba(0, 0, 0, 0)"
    )
    assert browser.value("getComputedStyle(document.querySelector('.lagrangian td')).textAlign") == "left"
    assert browser.value("document.querySelector('.lagrangian math').getBoundingClientRect().width") > 5
