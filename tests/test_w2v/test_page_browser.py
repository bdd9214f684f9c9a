"""The page in a real browser, opened from disk: what it draws and answers, by mouse, touch and keys; and that it stays quiet."""

import json
import struct
import urllib.parse
import zlib
from dataclasses import replace

import numpy as np
import pytest

from tests.test_w2v.browser import PROGRAM, Browser
from tests.test_w2v.test_page import HOSTILE
from tests.test_w2v.test_projection import units
from w2v.embeddings import Embeddings
from w2v.page.html import page, write_page
from w2v.page.plane import Method, Plane
from w2v.page.projection import projection
from w2v.readable import readable
from w2v.vocabulary import Vocabulary

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium to open the page with")
WORDS = 600
WIDTH, HEIGHT = 1200, 800


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Six hundred words; café is no. 300."""
    words = [f"word{number}" for number in range(WORDS)]
    words[299] = "café"
    path = tmp_path_factory.mktemp("page") / "plain page.html"
    vectors = Embeddings(Vocabulary(tuple(words), np.arange(WORDS, 0, -1)), units(WORDS, 5))
    return path.as_uri(), write_page(vectors, path, neighbors=4, title="Plain words")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "page.html"
    vectors = Embeddings(Vocabulary(HOSTILE, np.zeros(len(HOSTILE))), units(len(HOSTILE), 4))
    return path.as_uri(), write_page(vectors, path, title=HOSTILE[1])


def ready(browser, address, **how):
    browser.open(address, WIDTH, HEIGHT, **how)
    browser.wait_for("levelsDone > LAST_LEVEL || !unnamed")
    browser.frame()


def place(browser, number):
    """Where a word is on the screen."""
    return browser.value(f"[xOf({number}), yOf({number})]")


def listed(browser):
    """The neighbors that the panel shows: pairs of a word and its cosine."""
    shown = browser.value(
        "[...document.querySelectorAll('#neighbors button')].map((b) => [...b.children].map((c) => c.textContent))"
    )
    return [(word, float(cosine.replace("−", "-"))) for word, cosine, _ in shown]


def expected(shown, number):
    pairs = zip(shown.neighbors[number], shown.cosines[number], strict=True)
    return [(readable(shown.words[other]), round(float(cosine), 3)) for other, cosine in pairs]


def same(found, wanted):
    """Cosines are rounded to 1/32767 and then to 3 digits."""
    return [w for w, _ in found] == [w for w, _ in wanted] and all(
        abs(a - b) <= 0.00101 for (_, a), (_, b) in zip(found, wanted, strict=True)
    )


def chosen(browser):
    return browser.value("byId('word').hidden ? null : byId('chosen').textContent")


def isolated(browser):
    """A word whose point is alone: no other is within 25 pixels, and no name lies on it, for none is drawn any more."""
    browser.value("labelLevels.fill(UNNAMED), draw()")
    return browser.value(
        "words.findIndex((_, i) => words.every((_, j) => i === j || Math.hypot(xOf(i) - xOf(j), yOf(i) - yOf(j)) > 25))"
    )


def pixel(browser, x, y):
    """The red, green and blue of a place on the screen, from a PNG file of this one pixel: no filter changes a first pixel."""
    picture, data, at = browser.picture(x, y), b"", 8
    assert struct.unpack(">IIB", picture[16:25]) == (1, 1, 8)
    while at < len(picture):
        length, name = struct.unpack(">I4s", picture[at : at + 8])
        data += picture[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    return list(zlib.decompress(data)[1:4])


def test_it_opens_without_complaint_and_asks_for_nothing(browser, plain):
    address, _ = plain
    ready(browser, address)
    logged, asked = browser.complaints()
    assert logged == [] and asked == [address.replace("%20", " ").replace(" ", "%20")]
    assert browser.value("document.title") == "Plain words"
    assert browser.value("[byId('title').textContent, count, data.neighborCount]") == ["Plain words", WORDS, 4]
    assert "variance" in browser.value("byId('summary').textContent")


def test_it_may_not_ask_for_anything(browser, plain):
    """The policy of the page stops a request, an image, a program of another's and an attribute that is one."""
    ready(browser, plain[0])
    assert browser.value("fetch('data:,x').then(() => 'fetched', () => 'stopped')") == "stopped"
    attempts = """(async () => {
      const image = document.createElement('img');
      const stopped = new Promise((done) => { image.onerror = done; });
      image.src = 'https://example.org/x.png';
      const script = document.createElement('script'); script.textContent = 'window.ran = 1';
      const button = document.createElement('button'); button.setAttribute('onclick', 'window.ran = 1');
      document.body.append(image, script, button); button.click();
      await stopped;
      return window.ran ?? 'stopped';
    })()"""
    assert browser.value(attempts) == "stopped"
    failures = [event["params"] for event in browser.events if event["method"] == "Network.loadingFailed"]
    assert [failure.get("blockedReason") for failure in failures] == ["csp"]
    answers = [event["params"] for event in browser.events if event["method"] == "Network.responseReceived"]
    assert [answer["type"] for answer in answers] == ["Document"]


def test_every_word_is_drawn_in_its_group_s_color(browser, plain):
    address, shown = plain
    ready(browser, address)
    colors = np.array([[int(c) for c in color[4:-1].split(",")] for color in browser.value("colors.groups")])
    number = isolated(browser)
    x, y = (round(value) for value in place(browser, number))
    assert pixel(browser, x, y) == colors[shown.groups[number]].tolist()
    scale = browser.value("view.scale")
    places = np.array([place(browser, i) for i in (0, 1)])
    original = shown.plane.places[:2].astype(float)
    unit = 2 / np.ptp(shown.plane.places, axis=0).max()
    assert np.allclose(places[1] - places[0], (original[1] - original[0]) * unit * scale * [1, -1], atol=1e-3)


def test_names_do_not_overlap_and_only_come_as_one_zooms_in(browser, plain):
    ready(browser, plain[0])
    named = set()
    for _ in range(6):
        boxes = browser.value("drawnLabels.map((box) => [box.number, box.left, box.right, box.y])")
        kept = {number for number, *_ in boxes}
        for i, (_, left, right, y) in enumerate(boxes):
            assert all(right <= a or b <= left or abs(y - v) >= 14 for _, a, b, v in boxes[i + 1 :])
        seen = {
            i
            for i in named
            if all(0 < value < size for value, size in zip(place(browser, i), (700, HEIGHT), strict=True))
        }
        assert seen <= kept
        named |= kept
        browser.value("zoomMiddle(1.5)")
        browser.frame()
    assert 0 in named and len(named) > 50


def test_pointing_shows_the_neighbors_in_all_dimensions(browser, plain):
    address, shown = plain
    ready(browser, address)
    number = isolated(browser)
    browser.mouse("mouseMoved", *place(browser, number))
    browser.frame()
    assert chosen(browser) == shown.words[number]
    assert same(listed(browser), expected(shown, number))
    assert browser.value("byId('rank').textContent") == f"no. {number + 1} of 600, occurs {600 - number} times"
    browser.mouse("mouseMoved", 2, 2)
    browser.frame()
    assert chosen(browser) is None and browser.value("location.hash") == ""


def test_a_click_keeps_a_word_and_the_address_tells_it(browser, plain):
    address, shown = plain
    ready(browser, address)
    number = isolated(browser)
    before = place(browser, number)
    browser.click(*before)
    browser.mouse("mouseMoved", 2, 2)
    browser.frame()
    assert chosen(browser) == shown.words[number] and place(browser, number) == before
    assert browser.value("location.hash") == f"#word={shown.words[number]}"
    browser.value("document.querySelector('#neighbors button').click()")
    nearest = shown.words[shown.neighbors[number, 0]]
    assert chosen(browser) == nearest
    assert browser.value("document.activeElement.id") == "heading"  # the focus is not lost with the button
    browser.value("history.back()")
    browser.wait_for(f"byId('chosen').textContent === {json.dumps(shown.words[number])}")
    browser.press("Escape")
    assert chosen(browser) is None and browser.value("location.hash") == ""


def test_a_name_can_be_clicked_too(browser, plain):
    ready(browser, plain[0])
    number, left, right, y = browser.value("Object.values(drawnLabels.at(-1))")
    browser.click((left + right) / 2, y)
    assert chosen(browser) == plain[1].words[number]


def test_an_address_names_a_word(browser, plain):
    address, shown = plain
    ready(browser, address + "#word=" + urllib.parse.quote("café"))
    assert chosen(browser) == "café" and same(listed(browser), expected(shown, 299))
    x, y = place(browser, 299)
    assert abs(x - browser.value("view.width / 2")) < 1 and abs(y - browser.value("view.height / 2")) < 1
    neighbors = [place(browser, other) for other in shown.neighbors[299]]
    assert all(0 < x < browser.value("view.width") and 0 < y < HEIGHT for x, y in neighbors)
    for bad in ("nowhere", "%E0%A4%A"):
        browser.open(f"{address}#word={bad}")
        assert chosen(browser) is None
        assert browser.value("byId('hint').textContent") == f"The word “{bad}” is not on this page."
        assert browser.complaints()[0] == []


def test_search_by_keys(browser, plain):
    address, _ = plain
    ready(browser, address)
    browser.press("/", "/")
    assert browser.value("document.activeElement.id") == "search"
    browser.write("WORD59")
    options = browser.value("[...document.querySelectorAll('[role=option] bdi')].map((e) => e.textContent)")
    assert options == ["word59", *(f"word59{digit}" for digit in range(7))]
    assert browser.value("searchBox.getAttribute('aria-expanded')") == "true"
    browser.press("ArrowDown")
    browser.press("ArrowDown")
    browser.press("ArrowUp")
    marked = browser.value("byId(searchBox.getAttribute('aria-activedescendant')).querySelector('bdi').textContent")
    assert marked == "word590"
    browser.press("Enter")
    assert chosen(browser) == "word590" and browser.value("[searchBox.value, suggestions.hidden]") == ["", True]
    assert browser.value("byId('said').textContent").startswith("word590. ")
    browser.write("cafe")
    browser.press("Enter")
    assert chosen(browser) == "café"  # accents do not matter
    browser.write("zzz")
    assert browser.value("suggestions.textContent") == "No such word on this page"
    browser.press("Enter")
    assert chosen(browser) == "café"
    browser.press("Escape")
    assert browser.value("[searchBox.value, suggestions.hidden]") == ["", True]


def test_wheel_drag_and_double_click(browser, plain):
    ready(browser, plain[0])
    from_pointer = np.array(place(browser, 7)) - (300, 200)
    browser.mouse("mouseWheel", 300, 200, deltaX=0, deltaY=-300)
    browser.wait_for("zoomLevel() > 1.2")
    now = np.array(place(browser, 7)) - (300, 200)
    assert np.allclose(now, from_pointer * browser.value("zoomLevel()"), atol=0.01)  # what is under the pointer stays
    before = np.array(place(browser, 7))
    browser.mouse("mousePressed", 300, 300, button="left", clickCount=1)
    for step in (310, 340, 360):
        browser.mouse("mouseMoved", step, 300 + (step - 300) / 2, button="left")
    browser.mouse("mouseReleased", 360, 330, button="left", clickCount=1)
    assert np.allclose(place(browser, 7) - before, [60, 30], atol=0.01)
    assert chosen(browser) is None or browser.value("state.chosen") == -1  # a drag is no click
    level = browser.value("zoomLevel()")
    for clicks in (1, 2):
        for kind in ("mousePressed", "mouseReleased"):
            browser.mouse(kind, 400, 20, button="left", clickCount=clicks)
    assert abs(browser.value("zoomLevel()") / level - 2) < 1e-9


def test_keys_move_and_zoom(browser, plain):
    ready(browser, plain[0])
    browser.value("canvas.focus()")
    before = np.array(place(browser, 3))
    browser.press("ArrowRight")
    browser.press("ArrowDown")
    assert np.allclose(place(browser, 3) - before, [-80, -80], atol=0.01)
    browser.press("+", "+")
    assert abs(browser.value("zoomLevel()") - 1.5) < 1e-9
    browser.press("-", "-")
    browser.press("0", "0")
    assert np.allclose(place(browser, 3), before, atol=0.01)
    for _ in range(40):
        browser.press("+", "+")
    assert browser.value("zoomLevel() <= CLOSEST * 1.000001")


def test_two_fingers_zoom_and_one_taps(browser, plain):
    address, shown = plain
    ready(browser, address, phone=True)
    browser.touch("touchStart", (0, 300, 300), (1, 400, 300))
    browser.touch("touchMove", (0, 250, 300), (1, 450, 300))
    browser.touch("touchEnd")
    browser.wait_for("zoomLevel() > 1.5")
    assert abs(browser.value("zoomLevel()") - 2) < 0.1
    assert chosen(browser) is None
    browser.value("showAll(), draw()")
    number = isolated(browser)
    browser.touch("touchStart", (0, *place(browser, number)))
    browser.touch("touchEnd")
    browser.wait_for("state.chosen >= 0")
    assert chosen(browser) == shown.words[number]


@pytest.mark.parametrize(("width", "height", "stacked"), [(360, 740, True), (700, 360, False), (1280, 800, False)])
def test_a_chosen_word_its_neighbors_and_their_names_are_beside_the_tools(
    browser, plain, hostile, width, height, stacked
):
    for address, shown in (plain, hostile):
        browser.open(address, width, height, phone=True)
        browser.wait_for("levelsDone > LAST_LEVEL || !unnamed")
        for number in (3, len(shown.words) // 2):
            browser.value(f"choose({number})")
            browser.wait_for(f"state.chosen === {number} && activeWord() === {number}")
            browser.frame()
            named = browser.value("drawnLabels.map(({ number }) => number)")
            assert named[0] == number
            hidden = browser.value(
                """(() => {
                  const tool = ({ left, right, y }) =>
                    right > tools.left && left < tools.right && y + 8 > tools.top && y - 8 < tools.bottom;
                  const points = neighborsOf(state.chosen).map(({ number }) => [xOf(number), yOf(number)]);
                  const boxes = [...drawnLabels, ...points.map(([x, y]) => ({ left: x, right: x, y }))];
                  return boxes.filter(tool).length;
                })()"""
            )
            assert hidden == 0
        panel, stage = (browser.value(f"byId('{name}').getBoundingClientRect().top") for name in ("title", "plane"))
        assert (panel > stage + height / 3) == stacked
        assert browser.value("document.documentElement.scrollWidth") == width


def test_light_and_dark(browser, plain):
    address, _ = plain
    brightness = {}
    for scheme in ("light", "dark"):
        ready(browser, address, scheme=scheme)
        brightness[scheme] = np.mean(pixel(browser, 2, 2))
        browser.value("byId('theme').click()")
        browser.frame()
        brightness[scheme, "switched"] = np.mean(pixel(browser, 2, 2))
    assert brightness["light"] == brightness["dark", "switched"] > 240
    assert brightness["dark"] == brightness["light", "switched"] < 40


def luminance(color):
    """WCAG 2, relative luminance."""
    parts = [float(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(browser, plain, scheme):
    """WCAG 2: at least 4.5 for text, 3 for what shows a meaning."""
    ready(browser, plain[0], scheme=scheme)
    background, paper = browser.value(
        "[getComputedStyle(document.querySelector('.panel')).backgroundColor, colors.paper]"
    )
    ratios = lambda color, under: sorted((luminance(color) + 0.05, luminance(under) + 0.05))  # noqa: E731
    for name in ("ink", "quiet"):
        low, high = ratios(browser.value(f"colors.{name}"), background)
        assert high / low >= 4.5, name
    for color in browser.value("[...colors.groups, colors.accent]"):
        low, high = ratios(color, paper)
        assert high / low >= 3, color


def test_names_and_roles_for_those_who_do_not_see_it(browser, plain):
    ready(browser, plain[0])
    tree = browser.send("Accessibility.getFullAXTree")["nodes"]
    found = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node["ignored"]}
    for role, name in (
        ("combobox", "Search a word"),
        ("button", "Zoom in"),
        ("button", "Show all words"),
        ("button", "Light or dark"),
        ("application", "600 words as points"),
        ("radio", "Groups"),
        ("heading", "Plain words"),
    ):
        assert (role, name) in found
    assert {role for role, name in found if not name} & {
        "button",
        "textbox",
        "combobox",
        "radio",
        "application",
    } == set()


def test_motion_only_where_it_is_wanted(browser, plain):
    ready(browser, plain[0], still=True)
    browser.value("choose(5)")
    assert abs(place(browser, 5)[0] - browser.value("view.width / 2")) < 0.01
    ready(browser, plain[0], still=False)
    browser.value("choose(5)")
    browser.wait_for("Math.abs(xOf(5) - view.width / 2) < 0.01")


def test_colors_by_frequency_and_one_group_alone(browser, plain):
    _, shown = plain
    ready(browser, plain[0])
    legend = "[...byId('legend').children].map((e) => e.textContent)"
    sizes = [int(text[-2:]) for text in browser.value(legend)]
    assert sizes == np.bincount(shown.groups).tolist()
    browser.value("byId('legend').querySelectorAll('button')[2].click()")
    drawn = browser.value("words.map((_, i) => colorOf(i) === colors.groups[2])")
    assert drawn == (shown.groups == 2).tolist()
    assert set(browser.value("words.map((_, i) => colorOf(i))")) == set(
        browser.value("[colors.groups[2], colors.faint]")
    )
    browser.value("document.querySelector('[value=frequency]').click()")
    steps = ["no. 1 to 6", "no. 7 to 30", "no. 31 to 120", "no. 121 to 300", "no. 301 to 600"]
    assert browser.value(legend) == steps
    assert browser.value("[0, 5, 6, 599].map((i) => colors.frequency.indexOf(colorOf(i)))") == [0, 0, 1, 4]


def test_the_window_changes_its_size(browser, plain):
    ready(browser, plain[0])
    browser.send("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=2, mobile=False)
    browser.picture(2, 2)  # a browser without a window looks at its screen when it is asked for a picture
    browser.wait_for("canvas.width === 2 * view.width")
    browser.send("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=2, mobile=True)
    browser.wait_for("view.width === 390 && canvas.width === 780")
    assert abs(browser.value("zoomLevel()") - 1) < 1e-9
    assert browser.value("document.documentElement.scrollWidth") == 390  # nothing is cut off
    places = np.array([place(browser, i) for i in range(0, WORDS, 50)])
    assert (places > 0).all() and (places < [390, browser.value("view.height")]).all()


def test_hostile_words_are_text_everywhere(browser, hostile):
    address, _ = hostile
    ready(browser, address)
    assert browser.value("[...document.querySelectorAll('img, b')].length") == 0
    assert browser.value("document.querySelectorAll('script').length") == 2
    for number, word in enumerate(HOSTILE):
        browser.value(f"choose({number})")
        assert chosen(browser) == (readable(word) or "(empty)")
        assert browser.value("numberOf.get(decodeURIComponent(location.hash.slice(6)))") == number
        browser.frame()
    assert browser.value("document.querySelectorAll('img, b').length") == 0
    assert browser.value("document.documentElement.scrollWidth") == WIDTH
    assert browser.complaints() == ([], [address])


def test_words_far_away_do_not_make_the_others_small(browser, tmp_path):
    """One of 2,000 words is a hundred times as far away as the others: it comes into view at the second 0."""
    places = np.random.default_rng(2).uniform(-1, 1, (2000, 2))
    places[7] = 100, 0
    words = tuple(f"word{number}" for number in range(2000))
    shown = projection(Embeddings(Vocabulary(words, np.zeros(2000)), units(2000, 3)), neighbors=1)
    shown = replace(shown, plane=Plane(Method.TSNE, places))
    (tmp_path / "page.html").write_text(page(shown, "far"), encoding="utf-8")
    ready(browser, (tmp_path / "page.html").as_uri())
    inside = "words.filter((_, i) => xOf(i) > 0 && xOf(i) < view.width && yOf(i) > 0 && yOf(i) < view.height).length"
    spread = "Math.max(...words.map((_, i) => yOf(i))) - Math.min(...words.map((_, i) => yOf(i)))"
    assert browser.value(inside) == 1999 and browser.value(spread) > HEIGHT * 0.8
    browser.press("0", "0")
    assert browser.value(inside) == 2000 and browser.value(spread) < HEIGHT * 0.05
    browser.press("0", "0")
    assert browser.value(inside) == 1999


def test_few_words_and_one(browser, tmp_path):
    for words in (1, 2):
        path = tmp_path / f"{words}.html"
        write_page(Embeddings(Vocabulary(("one", "two")[:words], [2, 1][:words]), units(words, 3)), path)
        ready(browser, path.as_uri())
        browser.value("choose(0)")
        assert chosen(browser) == "one" and len(listed(browser)) == words - 1
        assert browser.complaints() == ([], [path.as_uri()])


@pytest.mark.slow
def test_twenty_thousand_words(browser, tmp_path):
    """All are drawn, and all get a name somewhere; every frame is asked for and comes."""
    words = tuple(f"word{number}" for number in range(20_000))
    write_page(Embeddings(Vocabulary(words, np.zeros(20_000)), units(20_000, 10)), tmp_path / "page.html")
    ready(browser, (tmp_path / "page.html").as_uri())
    assert browser.value("unnamed") < 1_000
    frames = browser.value(
        "new Promise((done) => { let n = 0; const step = () => { changeView(() => moveBy(3, 1));"
        "n++ < 100 ? requestAnimationFrame(step) : done(n); }; step(); })"
    )
    assert frames == 101
    assert browser.complaints()[0] == []
