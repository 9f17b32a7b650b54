"""Tests the installed syntax in bat. In: the command that starts bat. Out: one line per check."""

import os
import subprocess
import sys

import screen

BAT = sys.argv[1:]

# A color for each kind of token, and one for HTML tags; the longest matching scope wins.
KINDS = screen.kinds("scopes") + [["entity.name.tag", "tag"]]
COLORS = {kind: "#%06x" % (number + 1) for number, kind in enumerate(sorted({kind for _, kind in KINDS}))}


def theme():
    rules = "".join(
        f"<dict><key>scope</key><string>{scope}</string><key>settings</key><dict><key>foreground</key>"
        f"<string>{COLORS[kind]}</string></dict></dict>"
        for scope, kind in KINDS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>name</key><string>Probe</string><key>settings</key>'
        "<array><dict><key>settings</key><dict><key>foreground</key><string>#ffffff</string></dict></dict>"
        f"{rules}</array></dict></plist>"
    )


def shown(text, name):
    words = [*BAT, "--plain", "--color", "always", "--theme", "Probe", "--file-name", name, "-"]
    environment = {**os.environ, "COLORTERM": "truecolor"}
    return screen.cells(subprocess.run(words, input=text, text=True, capture_output=True, env=environment, check=True).stdout)


folder = os.path.join(os.environ["XDG_CONFIG_HOME"], "bat")
os.makedirs(f"{folder}/themes")
with open(f"{folder}/themes/Probe.tmTheme", "w", encoding="utf-8") as file:
    file.write(theme())
built = subprocess.run([*BAT, "cache", "--build"], text=True, capture_output=True, check=False)
if built.returncode:
    sys.exit(built.stdout + built.stderr)

good = True
for name in ("plain", "soft"):
    lines = shown("\n".join(screen.text(name)), f"{name}.funnel")
    wrong = screen.compare(name, lambda line, column: lines[line][column][1], {kind: {color} for kind, color in COLORS.items()})
    good &= screen.report(f"highlighting of {name}", wrong)

email = 'on booking -> send email {\n  html: """\n    <p>Dear {{ client.name }}</p>\n    """\n  subject: "Hi"\n}\n'
lines = shown(email, "email.funnel")
at = lambda line, word: lines[line][email.split("\n")[line].index(word)][1]
seen = [at(2, "p>"), at(2, "{{"), at(2, "name"), at(4, "subject"), at(4, "Hi")]
wanted = [COLORS[kind] for kind in ("tag", "hole", "name", "name", "text")]
good &= screen.report("HTML inside a string", "" if seen == wanted else f"{seen} instead of {wanted}")
sys.exit(not good)
