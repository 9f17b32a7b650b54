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

# Scopes of each class, each class in a colour of its own.
SCOPES = {
    "documentation": ("#000001", ["comment.line.documentation"]),
    "comment": ("#000002", ["comment"]),
    "keyword": ("#000003", ["keyword"]),
    "function": ("#000004", ["function"]),
    "string": ("#000005", ["string"]),
    "number": ("#000006", ["constant.numeric"]),
    "operator": ("#000007", ["operator"]),
    "name": ("#000008", ["variable.other.member", "label"]),
    "hole": ("#000009", ["punctuation.special"]),
    "escape": ("#00000a", ["constant.character.escape"]),
    "constant": ("#00000b", ["constant"]),
}


def settings():
    os.makedirs(f"{CONFIG}/themes", exist_ok=True)
    with open(f"{CONFIG}/themes/probe.toml", "w", encoding="utf-8") as file:
        for colour, scopes in SCOPES.values():
            file.writelines(f'"{scope}" = "{colour}"\n' for scope in scopes)
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


def wait(is_so, seconds=20):
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
    end = time.time() + 10
    while part not in line(file, number) and time.time() < end:
        time.sleep(0.1)
    return line(file, number)


def place(text):
    """Goes to the first place of a text."""
    keys("Escape", "Escape", "g", "g", "/")
    keys(text, "Enter")


def colours():
    wait(lambda seen: "segment vip" in seen)
    time.sleep(1)
    lines = screen.cells(tmux("capture-pane", "-t", "hx", "-p", "-e", "-N"))
    rows = {}
    for row in lines:
        text = "".join(c for c, _ in row)
        number = re.match(r"\s*(?:[^\w\s]\s*)?(\d+) ", text)
        if number:
            rows[int(number[1])] = (row, text)

    def shown(number, column):
        row, text = rows[number]
        return row[text.index(screen.sample()[number - 1][:60]) + column][1]

    return screen.compare(shown, {kind: {colour} for kind, (colour, _) in SCOPES.items()})


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
    time.sleep(1)
    command("w!")
    written = saved("layout.funnel", 2, "wait 3d")
    return "" if written.startswith("  on visit -> wait 3d -> send sms") else written


settings()
tmux("new-session", "-d", "-s", "hx", "-x", "140", "-y", "44", shlex.join([*HELIX, f"{screen.DATA}/colours/sample.funnel"]))
try:
    tried = [
        ("colours", colours),
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
