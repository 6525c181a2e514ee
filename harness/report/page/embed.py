"""Makes the HTML report's page into two C++ string literals: what stands before its data, and what comes after it.

usage: embed.py BEFORE AFTER PAGE.html STYLE.css SCRIPT.js...
"""

import sys

DELIMITER = "page"
LONGEST = 10000  # what one literal may be long, safely: they are joined by the compiler


def literal(text):
    if ")%s\"" % DELIMITER in text:
        sys.exit("the page contains the end of a raw string literal")
    parts = [text[i:i + LONGEST] for i in range(0, len(text), LONGEST)] or [""]
    return "\n".join('R"%s(%s)%s"' % (DELIMITER, part, DELIMITER) for part in parts) + "\n"


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def main():
    before, after, page, style, *scripts = sys.argv[1:]
    script = "".join(read(name) for name in scripts)
    if "</script" in script.lower():
        sys.exit("the script would end its own element")
    text = read(page).replace("{{style}}", read(style)).replace("{{script}}", script)
    parts = text.split("{{data}}")
    if len(parts) != 2:
        sys.exit("the page must have one {{data}}")
    for name, part in zip((before, after), parts):
        with open(name, "w", encoding="utf-8") as file:
            file.write(literal(part))


if __name__ == "__main__":
    main()
