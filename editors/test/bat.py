"""What bat shows by the syntax as it was installed. In: how bat is started. Out: a line for each thing that was tried."""

import os
import subprocess
import sys

import screen

BAT = sys.argv[1:]

# Scopes of each class, each class in a colour of its own; of two that fit, the longer counts.
SCOPES = {
    "documentation": ("#000001", "comment.line.number-sign.documentation"),
    "comment": ("#000002", "comment"),
    "keyword": ("#000003", "keyword.control, keyword.other, storage, keyword.operator.word"),
    "function": ("#000004", "entity.name.function, support.function"),
    "string": ("#000005", "string"),
    "number": ("#000006", "constant.numeric"),
    "operator": ("#000007", "keyword.operator"),
    "name": ("#000008", "variable.other.member, variable.other.property, entity.name.label"),
    "hole": ("#000009", "punctuation.section.interpolation"),
    "escape": ("#00000a", "constant.character.escape"),
    "constant": ("#00000b", "constant.language"),
    "inside": ("#00000c", "entity.name.tag"),
    "else": ("#00000d", "variable.other.funnel"),
}


def theme():
    rules = "".join(
        f"<dict><key>scope</key><string>{scope}</string><key>settings</key><dict><key>foreground</key>"
        f"<string>{colour}</string></dict></dict>"
        for colour, scope in SCOPES.values()
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

lines = shown("\n".join(screen.sample()), "sample.funnel")
classes = {kind: {colour} for kind, (colour, _) in SCOPES.items()}
good = screen.tell("colours", screen.compare(lambda line, column: lines[line - 1][column][1], classes))

letter = 'on booking -> send email {\n  html: """\n    <p>Dear {{ client.name }}</p>\n    """\n  subject: "Hi"\n}\n'
lines = shown(letter, "letter.funnel")
at = lambda line, word: lines[line][letter.split("\n")[line].index(word)][1]
seen = [at(2, "p>"), at(2, "{{"), at(2, "name"), at(4, "subject"), at(4, "Hi")]
wanted = [SCOPES[kind][0] for kind in ("inside", "hole", "name", "name", "string")]
good &= screen.tell("a letter in HTML inside", "" if seen == wanted else f"{seen} and not {wanted}")
sys.exit(not good)
