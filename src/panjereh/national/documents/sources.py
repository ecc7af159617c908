"""What the Typst source of a template may not contain.

Templates come from agencies. The compiler already keeps them inside their own files; what is left
is the network (packages are downloaded by name) and ways to hide such a name from this check. So
the words that lead there are refused, wherever they stand. Loops that never end are caught by the
trial run (`trial.py`).
"""

import re

PRELUDE_NAME = "panjereh.typ"
MAX_SOURCE = 200_000

# The one import there is, alone on its line; it may name what it takes.
_PRELUDE_IMPORT = re.compile(
    rf'^[ \t]*#import "/?{re.escape(PRELUDE_NAME)}"(?::[ \t]*(?:\*|[a-z0-9, \t-]+))?[ \t]*$',
    re.MULTILINE,
)
_REFUSED = re.compile(r"(?<![\w-])(import|include|eval|plugin|std|dictionary)(?![\w-])")


def source_flaw(source: str) -> str:
    """The first thing that is refused, with its line; empty when there is none."""
    if len(source) > MAX_SOURCE:
        return f"a template has at most {MAX_SOURCE} characters"
    for number, line in enumerate(_PRELUDE_IMPORT.sub("", source).splitlines(), 1):
        if found := _REFUSED.search(line):
            return f"line {number}: `{found[1]}` is not allowed in a template"
    return ""
