"""Tests the installed plugin in Helix, running in a terminal. In: the command that starts it. Out: one line per check."""

import os
import re
import shlex
import subprocess
import sys
import time

import screen

HELIX = sys.argv[1:]
PROJECT = os.environ["FUNNEL_PROJECT"]
CONFIG = os.path.join(os.environ["XDG_CONFIG_HOME"], "helix")
TMUX = [*os.environ.get("FUNNELC_TMUX", "tmux").split(), "-S", os.path.join(os.environ["XDG_RUNTIME_DIR"], "tmux"), "-f", "/dev/null"]

# A color for each kind of token, and one for HTML tags.
KINDS = screen.kinds("helix") + [["tag", "tag"]]
COLORS = {kind: "#%06x" % (number + 1) for number, kind in enumerate(sorted({kind for _, kind in KINDS}))}


def settings():
    os.makedirs(f"{CONFIG}/themes", exist_ok=True)
    with open(f"{CONFIG}/themes/probe.toml", "w", encoding="utf-8") as file:
        file.writelines(f'"{scope}" = "{COLORS[kind]}"\n' for scope, kind in KINDS)
        file.write('"ui.text" = "#ffffff"\n"ui.background" = { bg = "#101010" }\n"ui.selection" = { bg = "#202020" }\n')
    with open(f"{CONFIG}/config.toml", "w", encoding="utf-8") as file:
        file.write('theme = "probe"\n[editor]\ntrue-color = true\nend-of-line-diagnostics = "hint"\n')


def tmux(*words):
    return subprocess.run([*TMUX, *words], text=True, capture_output=True, check=True).stdout


def keys(*strokes):
    for stroke in strokes:
        named = len(stroke) == 1 or re.match(r"(C-.|Enter|Escape|BSpace)$", stroke)
        tmux("send-keys", "-t", "hx", *([stroke] if named else ["-l", stroke]))
        time.sleep(0.15)


def write(text):
    """Types slowly: Helix 25.01 reports simultaneous changes to the server in the wrong order."""
    for c in text:
        tmux("send-keys", "-t", "hx", "-l", c)
        time.sleep(0.05)


def command(line):
    keys("Escape", "Escape", ":")
    keys(line, "Enter")
    time.sleep(0.5)


def look():
    return tmux("capture-pane", "-t", "hx", "-p")


def wait(is_so, seconds=60):
    """Polls the screen until a condition holds; returns the last screen."""
    end = time.time() + seconds
    while True:
        seen = look()
        if is_so(seen) or time.time() > end:
            return seen
        time.sleep(0.1)


def line(file, number):
    with open(f"{PROJECT}/{file}", encoding="utf-8") as text:
        return text.read().split("\n")[number - 1]


def saved(file, number, part):
    """Returns the line of a file once it contains a part, or after a timeout."""
    end = time.time() + 60
    while part not in line(file, number) and time.time() < end:
        time.sleep(0.1)
    return line(file, number)


def place(text):
    """Moves the cursor to the first occurrence of a text."""
    keys("Escape", "Escape", "g", "g", "/")
    keys(text, "Enter")


def rows():
    """Returns the visible lines by number, each as cells and as text."""
    found = {}
    for row in screen.cells(tmux("capture-pane", "-t", "hx", "-p", "-e", "-N")):
        text = "".join(c for c, _ in row)
        number = re.match(r"\s*(?:[^\w\s]\s*)?(\d+) ", text)
        if number:
            found.setdefault(int(number[1]), (row, text))
    return found


def colors(name):
    if name != "plain":
        command(f"o {screen.DATA}/highlight/{name}.funnel")
    source = screen.text(name)
    wait(lambda seen: source[1][:60] in seen)
    expected = {kind: {color} for kind, color in COLORS.items()}

    def wrong():
        lines = rows()

        def shown(number, column):
            row, text = lines[number + 1]
            return row[text.index(source[number][:60]) + column][1]

        return screen.compare(name, shown, expected)

    # Highlighting appears shortly after the text.
    return until_good(wrong)


def injections():
    """Checks HTML and JSON inside strings, placeholders in them, and the funnel after them."""
    file = f"{PROJECT}/email.funnel"
    lines = [
        "on booking -> send email {",
        '  html: """',
        '    <p class="a">Dear {{ client.name }}</p>',
        '    """',
        '  subject: "Hi"',
        '} -> call "https://example.org/" {',
        '  data: """',
        '    { "name": "{{ client.name }}", "count": 5 }',
        '    """',
        "  id: booking.id",
        "}",
    ]
    with open(file, "w", encoding="utf-8") as text:
        text.write("\n".join(lines) + "\n")
    command(f"o {file}")
    wait(lambda seen: "example.org" in seen)

    def wrong():
        shown, found = rows(), []
        for line, word, kind in [
            (3, "p ", "tag"), (3, "{{", "hole"), (3, "name", "name"), (3, "}}", "hole"), (5, "subject", "name"), (5, "Hi", "text"),
            (8, "{{", "hole"), (8, "client", "name"), (8, "5", "number"), (10, "id", "name"),
        ]:
            row, text = shown[line]
            color = row[text.index(word, text.index(lines[line - 1].strip()[:12]))][1]
            if color != COLORS[kind]:
                found.append(f"{line} {word} {kind} but is {color}")
        return "; ".join(found)

    return until_good(wrong)


def until_good(wrong, seconds=60):
    """Polls until nothing is wrong; returns what is still wrong after a timeout."""
    end = time.time() + seconds
    while True:
        try:
            found = wrong()
        except (LookupError, ValueError) as fault:
            found = repr(fault)
        if not found or time.time() > end:
            return found
        time.sleep(0.2)


def finding():
    command(f"o {PROJECT}/came.funnel")
    seen = wait(lambda seen: "unknown name" in seen)
    return "" if "unknown name `attendd`" in seen else seen


def hover():
    place("wait")
    before = look().count("wait")
    keys(" ", "k")
    seen = wait(lambda seen: seen.count("wait") > before)
    return "" if seen.count("wait") > before else seen


def quick_fix():
    place("attendd")
    keys(" ", "a")
    wait(lambda seen: "attended" in seen.replace("`attended`?", ""))
    keys("Enter")
    seen = wait(lambda seen: "if attended ->" in seen and "unknown name" not in seen)
    return "" if "if attended ->" in seen and "unknown name" not in seen else seen


def rename():
    place("thanks$")
    keys(" ", "r")
    wait(lambda seen: "rename-to:" in seen)
    keys("C-u")
    keys("gratitude", "Enter")
    wait(lambda seen: "sms gratitude" in seen)
    command("wa")
    lines = saved("words.funnel", 1, "gratitude") + saved("came.funnel", 2, "gratitude")
    return "" if "template sms gratitude(" in lines and "send sms gratitude" in lines else lines


def completion():
    command(f"o {PROJECT}/words.funnel")
    keys("g", "e", "o")
    write('template sms more(booking) = "Dear {{ client.')
    seen = wait(lambda seen: "phone" in seen and "birthday" in seen)
    keys("Escape", "u")
    command("reload")
    return "" if "phone" in seen and "birthday" in seen else seen


def formatting():
    command(f"o {PROJECT}/layout.funnel")
    wait(lambda seen: "funnel layout" in seen)

    def wrong():
        # A file saved before the server has opened it is not formatted.
        command("w!")
        written = line("layout.funnel", 2)
        return "" if written.startswith("  on visit -> wait 3d -> send sms") else written

    return until_good(wrong)


settings()
tmux("new-session", "-d", "-s", "hx", "-x", "140", "-y", "90", shlex.join([*HELIX, f"{screen.DATA}/highlight/plain.funnel"]))
try:
    tried = [
        ("highlighting of plain", lambda: colors("plain")),
        ("highlighting of soft", lambda: colors("soft")),
        ("HTML and JSON inside strings", injections),
        ("the position of a finding", finding),
        ("hover", hover),
        ("a quick fix", quick_fix),
        ("rename in two files", rename),
        ("completion in a placeholder", completion),
        ("formatting on save", formatting),
    ]
    good = [screen.attempt(what, does) for what, does in tried]
finally:
    tmux("kill-server")
sys.exit(not all(good))
