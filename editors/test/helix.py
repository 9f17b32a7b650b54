"""What Helix does with the plugin as it was installed, seen in a terminal. In: how it is started. Out: a line for each thing
that was tried."""

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

# Each kind of tokens in a colour of its own, and tags and keys of languages inside in others.
KINDS = screen.kinds("helix") + [["tag", "tag"]]
COLOURS = {kind: "#%06x" % (number + 1) for number, kind in enumerate(sorted({kind for _, kind in KINDS}))}


def settings():
    os.makedirs(f"{CONFIG}/themes", exist_ok=True)
    with open(f"{CONFIG}/themes/probe.toml", "w", encoding="utf-8") as file:
        file.writelines(f'"{scope}" = "{COLOURS[kind]}"\n' for scope, kind in KINDS)
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
    """Types as a person does. Helix 25.01 tells changes in another order than they were made when they come at once."""
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
    """Looks until something is to be seen; gives the last screen."""
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
    """The line of a file, when it has the part, or after a while."""
    end = time.time() + 60
    while part not in line(file, number) and time.time() < end:
        time.sleep(0.1)
    return line(file, number)


def place(text):
    """Goes to the first place of a text."""
    keys("Escape", "Escape", "g", "g", "/")
    keys(text, "Enter")


def rows():
    """The lines that are shown by their numbers, each as cells and as text."""
    found = {}
    for row in screen.cells(tmux("capture-pane", "-t", "hx", "-p", "-e", "-N")):
        text = "".join(c for c, _ in row)
        number = re.match(r"\s*(?:[^\w\s]\s*)?(\d+) ", text)
        if number:
            found.setdefault(int(number[1]), (row, text))
    return found


def colours(name):
    if name != "plain":
        command(f"o {screen.DATA}/highlight/{name}.funnel")
    source = screen.text(name)
    wait(lambda seen: source[1][:60] in seen)
    expected = {kind: {colour} for kind, colour in COLOURS.items()}

    def wrong():
        lines = rows()

        def shown(number, column):
            row, text = lines[number + 1]
            return row[text.index(source[number][:60]) + column][1]

        return screen.compare(name, shown, expected)

    # What is parsed is coloured a moment after it is shown.
    return until_good(wrong)


def letter():
    """HTML and JSON inside, our holes in them, and our own words behind them."""
    file = f"{PROJECT}/letter.funnel"
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
            colour = row[text.index(word, text.index(lines[line - 1].strip()[:12]))][1]
            if colour != COLOURS[kind]:
                found.append(f"{line} {word} {kind} but is {colour}")
        return "; ".join(found)

    return until_good(wrong)


def until_good(wrong, seconds=60):
    """What is wrong with the screen when it has had the time to become right."""
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
    seen = wait(lambda seen: "nothing here is called" in seen)
    return "" if "nothing here is called `attendd`" in seen else seen


def hover():
    place("wait")
    before = look().count("wait")
    keys(" ", "k")
    seen = wait(lambda seen: seen.count("wait") > before)
    return "" if seen.count("wait") > before else seen


def mend():
    place("attendd")
    keys(" ", "a")
    wait(lambda seen: "attended" in seen.replace("`attended`?", ""))
    keys("Enter")
    seen = wait(lambda seen: "if attended ->" in seen and "nothing here" not in seen)
    return "" if "if attended ->" in seen and "nothing here" not in seen else seen


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


def layout():
    command(f"o {PROJECT}/layout.funnel")
    wait(lambda seen: "funnel layout" in seen)

    def wrong():
        # What is written before the server knows the file stays as it is.
        command("w!")
        written = line("layout.funnel", 2)
        return "" if written.startswith("  on visit -> wait 3d -> send sms") else written

    return until_good(wrong)


settings()
tmux("new-session", "-d", "-s", "hx", "-x", "140", "-y", "90", shlex.join([*HELIX, f"{screen.DATA}/highlight/plain.funnel"]))
try:
    tried = [
        ("colours of plain", lambda: colours("plain")),
        ("colours of soft", lambda: colours("soft")),
        ("HTML and JSON inside", letter),
        ("a finding at its place", finding),
        ("hover", hover),
        ("a mend that is applied", mend),
        ("rename in two files", rename),
        ("completion in a hole", completion),
        ("layout when a file is written", layout),
    ]
    good = [screen.attempt(what, does) for what, does in tried]
finally:
    tmux("kill-server")
sys.exit(not all(good))
