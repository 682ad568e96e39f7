"""Draw the text that ships with the package: the reference manual of the Python language.

Run it with `python -m lrsched_book.text.draw`. It takes the topics of `pydoc_data.topics`, which
come with every Python and differ between versions (the embedded file is that of 3.11.7), in
alphabetical order, and prints the new file's SHA-256.

The topics quote each other: about a fifth of the characters stands in several of them. A paragraph
that has come before is left out, so that the validation and the test part hold nothing that a model
has been trained on.
"""

import gzip
import hashlib
from collections.abc import Mapping

from lrsched_book._files import write_whole
from lrsched_book.data import TEXT

SHORT = 40  # characters: shorter paragraphs (a heading, "For example:") may come again


def draw(topics: Mapping[str, str]) -> str:
    r"""Return the text of all topics, each paragraph once, with an empty line after each.

    >>> draw({"b": "The second topic.", "a": "First." + 2 * (2 * chr(10) + 50 * "x")})
    'First.\\n\\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n\\nThe second topic.\\n\\n'
    """
    seen, kept = set(), []
    for name in sorted(topics):
        for paragraph in topics[name].strip("\n").split("\n\n"):
            words = " ".join(paragraph.split())
            if words not in seen or len(words) <= SHORT:
                kept.append(paragraph.strip("\n") + "\n\n")
            seen.add(words)
    return "".join(kept)


if __name__ == "__main__":
    from pydoc_data.topics import topics

    content = draw(topics).encode()
    write_whole(TEXT, gzip.compress(content, mtime=0))
    print(hashlib.sha256(content).hexdigest())
