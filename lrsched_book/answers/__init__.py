"""Right and wrong answers to the exercises, one module a chapter, which `check` loads as its data.

Written by `notebooks/build.py` from the cells tagged `answers` in the sources of the exercises.
"""
