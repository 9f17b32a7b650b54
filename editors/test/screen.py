"""Reads a terminal screen with its colors, and compares them with the expected ones. In: text with escape sequences. Out:
lines of cells, each a character with its foreground color."""

import json
import os
import re

DATA = os.environ.get("FUNNEL_DATA", os.path.dirname(__file__))


def cells(text):
    """Returns the lines, each a list of (character, color)."""
    lines, color = [[]], None
    for piece in re.split(r"(\x1b\[[0-9;:]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b\(B|\n)", text):
        if piece == "\n":
            lines.append([])
        elif piece.startswith("\x1b[") and piece.endswith("m"):
            color = foreground(piece[2:-1], color)
        elif not piece.startswith("\x1b"):
            lines[-1].extend((c, color) for c in piece if c != "\r")
    return lines


def foreground(codes, color):
    """Returns the foreground color after some SGR codes."""
    codes = [int(code or 0) for code in re.split("[;:]", codes)]
    while codes:
        code = codes.pop(0)
        if code == 38 and codes[:1] == [2]:
            color, codes = "#%02x%02x%02x" % tuple(codes[1:4]), codes[4:]
        elif code in (38, 48) and codes[:1] == [5]:
            color, codes = (codes[1] if code == 38 else color), codes[2:]
        elif code == 48 and codes[:1] == [2]:
            codes = codes[4:]
        elif code in (0, 39):
            color = None
        elif 30 <= code <= 37 or 90 <= code <= 97:
            color = code
    return color


def kinds(engine):
    """Returns pairs of an engine's name for tokens and their kind."""
    with open(f"{DATA}/highlight/kinds.json", encoding="utf-8") as file:
        return json.load(file)[engine]


def text(name):
    """Returns the lines of a sample."""
    with open(f"{DATA}/highlight/{name}.funnel", encoding="utf-8") as file:
        return file.read().split("\n")


def tokens(name):
    """Yields line, column, kind and text of each token of a sample; lines and columns count from 0."""
    with open(f"{DATA}/highlight/{name}.tokens", encoding="utf-8") as file:
        for row in file:
            place, kind, words = row.rstrip("\n").split(" ", 2)
            line, column = place.split(":")
            yield int(line) - 1, int(column) - 1, kind, words


def compare(name, shown, colors):
    """Returns the tokens of a sample with a wrong color. `shown` returns the color at a line and column, `colors` maps each kind
    to its allowed colors."""
    wrong, count = [], 0
    for line, column, kind, words in tokens(name):
        color = shown(line, column)
        count += 1
        if color not in colors[kind]:
            wrong.append(f"{name}:{line + 1}:{column + 1} {words} {kind} but is {color}")
    if count < 150:
        wrong.append(f"only {count} tokens of {name} were compared")
    return "; ".join(wrong)


def report(what, wrong):
    """Prints the result of a check; returns whether it passed."""
    print(f"FAILED {what}: {wrong}".replace("\n", " ") if wrong else f"ok {what}", flush=True)
    return not wrong


def attempt(what, does):
    """Runs a check, which returns what is wrong; returns whether it passed."""
    try:
        wrong = does()
    except (LookupError, OSError, ValueError) as fault:
        wrong = repr(fault)
    return report(what, wrong)
