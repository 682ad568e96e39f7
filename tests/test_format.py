"""`make format` formats code cells, and leaves a chapter's text and header as they are."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("format", ROOT / "notebooks" / "format.py")
format = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(format)

SOURCE = """---
header:
  minutes: 40
  able:
    - choose   a rate
---
# Title

```python
not  = a_cell
```

```{code-cell} ipython3
:tags: [setup]

import   numpy
%time x=1
```

```{code-cell} ipython3
y =  {'a':1}
def f(): return  y
```
"""


def test_only_code_cells_change():
    (new,) = format.formatted([SOURCE])
    before, after = SOURCE.split("import   numpy")[0], "import numpy\n\n%time x=1\n```\n"
    assert new.startswith(before + after)
    assert new.endswith('ipython3\ny = {"a": 1}\n\n\ndef f():\n    return y\n```\n')


def test_every_source_is_formatted():
    paths = sorted(format.SOURCES.rglob("*.md"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    changed = [
        p.name for p, a, b in zip(paths, texts, format.formatted(texts), strict=True) if a != b
    ]
    assert not changed, "make format"
