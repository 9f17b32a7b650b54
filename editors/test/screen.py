"""What stands on a terminal, with its colours. In: text with escape sequences. Out: lines of cells, each a character and
its foreground colour. And the comparison with the colours that are expected."""

import json
import os
import re

DATA = os.environ.get("FUNNEL_DATA", os.path.dirname(__file__))


def cells(text):
    """The lines, each a list of (character, colour)."""
    lines, colour = [[]], None
    for piece in re.split(r"(\x1b\[[0-9;:]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b\(B|\n)", text):
        if piece == "\n":
            lines.append([])
        elif piece.startswith("\x1b[") and piece.endswith("m"):
            colour = foreground(piece[2:-1], colour)
        elif not piece.startswith("\x1b"):
            lines[-1].extend((c, colour) for c in piece if c != "\r")
    return lines


def foreground(codes, colour):
    """The colour of what follows."""
    codes = [int(code or 0) for code in re.split("[;:]", codes)]
    while codes:
        code = codes.pop(0)
        if code == 38 and codes[:1] == [2]:
            colour, codes = "#%02x%02x%02x" % tuple(codes[1:4]), codes[4:]
        elif code in (38, 48) and codes[:1] == [5]:
            colour, codes = (codes[1] if code == 38 else colour), codes[2:]
        elif code == 48 and codes[:1] == [2]:
            codes = codes[4:]
        elif code in (0, 39):
            colour = None
        elif 30 <= code <= 37 or 90 <= code <= 97:
            colour = code
    return colour


def kinds(engine):
    """The kind of each name that an engine has for tokens, as pairs."""
    with open(f"{DATA}/highlight/kinds.json", encoding="utf-8") as file:
        return json.load(file)[engine]


def text(name):
    """A text of the list, as lines."""
    with open(f"{DATA}/highlight/{name}.funnel", encoding="utf-8") as file:
        return file.read().split("\n")


def tokens(name):
    """Line, column, kind and words of each token of a text of the list; lines and columns count from 0."""
    with open(f"{DATA}/highlight/{name}.tokens", encoding="utf-8") as file:
        for row in file:
            place, kind, words = row.rstrip("\n").split(" ", 2)
            line, column = place.split(":")
            yield int(line) - 1, int(column) - 1, kind, words


def compare(name, shown, colours):
    """What is wrong with a text of the list: `shown` gives the colour at a line and a column, `colours` those that a kind may have."""
    wrong, count = [], 0
    for line, column, kind, words in tokens(name):
        colour = shown(line, column)
        count += 1
        if colour not in colours[kind]:
            wrong.append(f"{name}:{line + 1}:{column + 1} {words} {kind} but is {colour}")
    if count < 150:
        wrong.append(f"only {count} tokens of {name} were looked at")
    return "; ".join(wrong)


def tell(what, wrong):
    """A line for what was tried; gives whether it holds."""
    print(f"FAILED {what}: {wrong}".replace("\n", " ") if wrong else f"ok {what}", flush=True)
    return not wrong


def attempt(what, does):
    """Tries something that gives what is wrong; gives whether it holds."""
    try:
        wrong = does()
    except (LookupError, OSError, ValueError) as fault:
        wrong = repr(fault)
    return tell(what, wrong)
