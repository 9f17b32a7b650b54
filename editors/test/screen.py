"""What stands on a terminal, with its colours. In: text with escape sequences. Out: lines of cells, each a character and
its foreground colour. And the comparison with the colours that are expected."""

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


def expected():
    """Line, word and class of each token that is looked at."""
    with open(f"{DATA}/colours/expected.txt", encoding="utf-8") as file:
        for row in file:
            if not row.startswith("#"):
                line, word, kind = row.split(" ")
                yield int(line), word, kind.strip()


def sample():
    """The text that is coloured, as lines."""
    with open(f"{DATA}/colours/sample.funnel", encoding="utf-8") as file:
        return file.read().split("\n")


def compare(shown, classes):
    """What is wrong: `shown` gives the colour at a line and a column, `classes` those that a class may have."""
    source, wrong, count = sample(), [], 0
    for line, word, kind in expected():
        column = source[line - 1].index(word)
        colour = shown(line, column)
        count += 1
        if colour not in classes[kind]:
            wrong.append(f"{line} {word} {kind} but is {colour}")
    if count < 40:
        wrong.append(f"only {count} tokens were looked at")
    return wrong


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
