"""Tests the installed rules in the highlighting engine of KDE's editors. In: the command that starts it. Out: one line per
check."""

import json
import os
import subprocess
import sys

import screen

ENGINE = sys.argv[1:]

# The styles of each kind of token. Each style gets its own color.
STYLES = {
    "doc": ["Documentation"],
    "comment": ["Comment"],
    "keyword": ["Keyword", "ControlFlow", "Constant"],
    "name": ["Function", "DataType", "Variable", "Attribute", "BuiltIn", "Normal"],
    "text": ["String"],
    "escape": ["SpecialChar"],
    "number": ["DecVal", "BaseN"],
    "operator": ["Operator"],
    "hole": ["SpecialString"],
    "bracket": ["Normal"],
    "separator": ["Normal"],
}
OTHERS = """Extension Preprocessor Annotation CommentVar RegionMarker Information Warning Alert Error Float Char
VerbatimString Import Others""".split()

NAMES = sorted({style for styles in STYLES.values() for style in styles}) + OTHERS
COLORS = {name: "#%02x0000" % (number + 1) for number, name in enumerate(NAMES)}

theme = {
    "metadata": {"name": "Probe", "revision": 1},
    "text-styles": {name: {"text-color": color, "selected-text-color": color} for name, color in COLORS.items()},
    "editor-colors": {"BackgroundColor": "#ffffff"},
}
folder = os.path.join(os.environ["XDG_DATA_HOME"], "org.kde.syntax-highlighting", "themes")
os.makedirs(folder)
with open(f"{folder}/probe.theme", "w", encoding="utf-8") as file:
    json.dump(theme, file)

words = [*ENGINE, "--output-format", "ansi", "--theme", "Probe", f"{screen.DATA}/highlight/plain.funnel"]
ended = subprocess.run(words, text=True, capture_output=True, check=False)
lines = screen.cells(ended.stdout)
colors = {kind: {COLORS[style] for style in styles} for kind, styles in STYLES.items()}
wrong = screen.compare("plain", lambda line, column: lines[line][column][1], colors) or ended.stderr.strip()
sys.exit(not screen.report("highlighting", wrong))
