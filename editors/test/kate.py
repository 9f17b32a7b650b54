"""What the engine of KDE's editors shows by the rules as they were installed. In: how it is started. Out: a line for each
thing that was tried."""

import json
import os
import subprocess
import sys

import screen

ENGINE = sys.argv[1:]

# Styles of each kind. Each style gets a colour of its own.
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
COLOURS = {name: "#%02x0000" % (number + 1) for number, name in enumerate(NAMES)}

theme = {
    "metadata": {"name": "Probe", "revision": 1},
    "text-styles": {name: {"text-color": colour, "selected-text-color": colour} for name, colour in COLOURS.items()},
    "editor-colors": {"BackgroundColor": "#ffffff"},
}
folder = os.path.join(os.environ["XDG_DATA_HOME"], "org.kde.syntax-highlighting", "themes")
os.makedirs(folder)
with open(f"{folder}/probe.theme", "w", encoding="utf-8") as file:
    json.dump(theme, file)

words = [*ENGINE, "--output-format", "ansi", "--theme", "Probe", f"{screen.DATA}/highlight/plain.funnel"]
ended = subprocess.run(words, text=True, capture_output=True, check=False)
lines = screen.cells(ended.stdout)
colours = {kind: {COLOURS[style] for style in styles} for kind, styles in STYLES.items()}
wrong = screen.compare("plain", lambda line, column: lines[line][column][1], colours) or ended.stderr.strip()
sys.exit(not screen.tell("colours", wrong))
