"""Each exercise accepts its right answers, and meets its wrong ones with the hint they deserve."""

import itertools
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

import lrsched_book as lb
from lrsched_book import exercises
from lrsched_book.exercises import ANSWERS as FOLDER
from lrsched_book.exercises import Exercise, NotYet, check, find

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))
import build  # noqa: E402

SOURCES = {p.stem: p for p in sorted((NOTEBOOKS / "src" / "exercises").glob("*.md"))}
MODULES = {path.stem: path for path in FOLDER.glob("ch*.py")}
EXERCISES = exercises._exercises(sorted(MODULES))
ANSWERS = [
    pytest.param(e, answer, id=f"{e.number}-{i}")
    for e in EXERCISES.values()
    for i, answer in enumerate(e.right)
]
MISTAKES = [
    pytest.param(e, wrong, hint, id=f"{e.number}-{i}")
    for e in EXERCISES.values()
    for i, (wrong, hint) in enumerate(e.wrong)
]


def test_there_are_exercises():
    assert SOURCES
    assert EXERCISES


def code_of(notebook):
    """The code that is plain Python: the cell that installs the book on Colab is not."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell.source for cell in cells if "remove-cell" not in build.tags(cell)]


class TestWhatIsExported:
    def test_every_source_has_its_three_products_and_nothing_is_left_over(self):
        assert {f"ch{name}" for name in SOURCES} == set(MODULES), "run `make notebooks`"
        for folder in ("exercises", "solutions"):
            assert {path.stem for path in (NOTEBOOKS / folder).glob("*.ipynb")} == set(SOURCES)

    @pytest.mark.parametrize("name", SOURCES)
    def test_the_answers_are_those_of_the_source(self, name):
        now = MODULES[f"ch{name}"].read_text(encoding="utf-8")
        assert now == build.answers_module(SOURCES[name]), "run `make notebooks`"

    @pytest.mark.parametrize("name", SOURCES)
    def test_the_students_copy_is_that_of_the_source(self, name):
        now = nbformat.read(NOTEBOOKS / "exercises" / f"{name}.ipynb", as_version=4)
        assert now == build.student_copy(SOURCES[name]), "run `make notebooks`"

    @pytest.mark.parametrize("name", SOURCES)
    def test_the_students_copy_gives_nothing_away(self, name):
        copy = nbformat.read(NOTEBOOKS / "exercises" / f"{name}.ipynb", as_version=4)
        whole = build.read(SOURCES[name], leave_out=()).cells
        kept_back = [c.source for c in whole if {"solution", "answers"} & set(build.tags(c))]
        assert kept_back
        for cell in copy.cells:
            assert not cell.get("outputs")
            assert cell.source not in kept_back


@pytest.mark.parametrize("name", SOURCES)
class TestRun:
    """The cells of both copies, in one namespace each; nbval runs the solutions in a kernel."""

    def test_the_solution_is_right(self, name, capsys):
        space = {}
        for code in code_of(build.read(SOURCES[name])):
            exec(code, space)
        numbers = [number for number in EXERCISES if number.startswith(f"{name}.")]
        right = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Right")]
        assert right == [f"Right: {number}" for number in numbers]

    def test_the_empty_copy_draws_the_hint_of_each_exercise(self, name):
        space, hints = {}, []
        for code in code_of(build.student_copy(SOURCES[name])):
            try:
                exec(code, space)
            except NotYet as hint:
                hints.append(str(hint))
        assert hints == [
            f"{number}: {exercise.hint}"
            for number, exercise in EXERCISES.items()
            if number.startswith(f"{name}.")
        ]


class TestAnswers:
    @pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
    def test_an_exercise_has_right_and_wrong_answers(self, exercise):
        assert exercise.right
        assert exercise.wrong
        hints = [exercise.hint, *(hint for _, hint in exercise.wrong)]
        assert len(set(hints)) == len(hints), "two mistakes, one hint"

    @pytest.mark.parametrize(("exercise", "answer"), ANSWERS)
    def test_a_right_answer_is_accepted(self, exercise, answer, capsys):
        check(exercise.number, answer)
        assert capsys.readouterr().out == f"Right: {exercise.number}\n"

    @pytest.mark.parametrize(("exercise", "answer", "hint"), MISTAKES)
    def test_a_wrong_answer_draws_its_hint(self, exercise, answer, hint):
        with pytest.raises(NotYet) as caught:
            check(exercise.number, answer)
        assert str(caught.value) == f"{exercise.number}: {hint}"

    @pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
    def test_an_answer_that_is_wrong_in_one_place_only_is_refused(self, exercise):
        refused = 0
        for spoiled in every_spoiled(exercise, exercise.right[0]):
            with pytest.raises(NotYet):
                check(exercise.number, spoiled)
            refused += 1
        assert refused


def every_spoiled(exercise, right):
    """Wrong answers that differ from a right one by 1% in one value each."""
    if isinstance(right, lb.Schedule):
        for step in [*range(0, exercise.steps, 97), exercise.steps - 1]:
            yield lb.Schedule(lambda t, at=step: right.factor(t) + 0.01 * (t == at))
    elif callable(right):
        for at, call in enumerate(exercise.calls):
            for spoiled in every_spoiled(exercise, right(*call)):
                calls = itertools.count()
                yield (
                    lambda *a, at=at, calls=calls, bad=spoiled: (
                        bad if next(calls) == at else right(*a)
                    )
                )
    else:
        right = np.asarray(right, dtype=float)
        for index in np.ndindex(right.shape):
            spoiled = right.copy()
            spoiled[index] += 0.01 * np.abs(right).max()
            yield spoiled if right.ndim else float(spoiled)


# Exercises of each kind, apart from those of the book.
LINE = lb.linear(101)
MADE_UP = {
    "99.1": Exercise("99.1", right=[0.25], wrong=[(0.5, "too much")], hint="think"),
    "99.2": Exercise("99.2", right=[np.arange(3)], wrong=[(np.ones(3), "all one")], hint="count"),
    "99.3": Exercise("99.3", right=[lb.cosine(101)], wrong=[], hint="bend it", steps=101),
    "99.4": Exercise("99.4", right=[lambda a, b: a + b], wrong=[], hint="add", calls=[(1, 2)]),
    "99.5": Exercise("99.5", right=[lb.linear], wrong=[], hint="fall", steps=9, calls=[(5,), (9,)]),
    "99.6": Exercise("99.6", right=[0.0], wrong=[], hint="nothing", tolerance=0.1),
}


@pytest.fixture
def _made_up(monkeypatch):
    monkeypatch.setattr(exercises, "_exercises", lambda modules: MADE_UP)


@pytest.mark.usefixtures("_made_up")
class TestCheck:
    @pytest.mark.parametrize(
        ("number", "answer"),
        [
            ("99.1", 0.25),
            ("99.1", np.float32(0.25)),
            ("99.1", torch.tensor(0.25)),
            ("99.1", 0.25 * (1 + 0.99e-6)),
            ("99.2", [0, 1, 2]),
            ("99.2", torch.arange(3)),
            ("99.3", lb.Schedule(lambda t: (1 + np.cos(np.pi * t / 100)) / 2)),
            ("99.4", lambda a, b: b + a),
            ("99.5", lambda n: lb.polynomial(n, power=1)),
            ("99.6", 0.1),
        ],
    )
    def test_accepts_what_is_equal(self, number, answer, capsys):
        check(number, answer)
        assert capsys.readouterr().out == f"Right: {number}\n"

    @pytest.mark.parametrize(
        ("number", "answer", "message"),
        [
            ("99.1", ..., "99.1: think"),
            ("99.1", 0.5, "99.1: too much"),
            ("99.1", 0.7, "99.1: think"),
            ("99.1", 0.25 * (1 + 1.01e-6), "99.1: think"),
            ("99.2", [1, 1, 1], "99.2: all one"),
            ("99.2", [0, 1, 3], "99.2: count First difference: index 2."),
            ("99.4", lambda a, b: a, "99.4: add First difference: <lambda>(1, 2)."),
            ("99.4", lambda a, b: ..., "99.4: add"),
            ("99.5", lb.constant, "99.5: fall First difference: constant(5), index 0."),
            ("99.6", 0.11, "99.6: nothing"),
        ],
    )
    def test_gives_a_hint_where_it_is_not(self, number, answer, message):
        with pytest.raises(NotYet) as caught:
            check(number, answer)
        assert str(caught.value) == message

    def test_a_line_through_three_points_of_a_cosine_is_no_cosine(self):
        cosine = lb.cosine(101)
        np.testing.assert_allclose(LINE([0, 50, 100]), cosine([0, 50, 100]), atol=1e-12)
        with pytest.raises(NotYet, match=r"First difference: index 1\.$"):
            check("99.3", LINE)

    @pytest.mark.parametrize("step", range(101))
    def test_schedules_are_compared_at_every_step(self, step):
        bent = lb.Schedule(lambda t: lb.cosine(101)(t) + 1e-3 * (t == step))
        with pytest.raises(NotYet, match=rf"First difference: index {step}\.$"):
            check("99.3", bent)

    @pytest.mark.parametrize(
        ("number", "answer", "message"),
        [
            ("99.1", "0.25", "99.1 asks for a number, got str '0.25'"),
            ("99.1", True, "99.1 asks for a number, got bool True"),
            ("99.1", None, "99.1 asks for a number, got NoneType None"),
            ("99.1", 1j, "99.1 asks for a number, got complex 1j"),
            ("99.2", [[1], [1, 2]], r"99.2 asks for an array of shape \(3,\), got list"),
            ("99.3", np.ones(101), "99.3 asks for a Schedule, got ndarray"),
            ("99.4", 3, "99.4 asks for a function, got int 3"),
            ("99.4", lambda a, b: None, r"99.4 asks for a number, <lambda>\(1, 2\) returned None"),
            ("99.5", lambda n: n, r"99.5 asks for a Schedule, <lambda>\(5\) returned int 5"),
            (99.1, 0.25, "number must be a string such as '08.1', got 99.1"),
        ],
    )
    def test_another_type_is_no_verdict(self, number, answer, message):
        with pytest.raises(TypeError, match=f"^{message}"):
            check(number, answer)

    @pytest.mark.parametrize(
        ("number", "answer", "message"),
        [
            ("99.1", [0.25], r"99.1 asks for a number, got shape \(1,\)"),
            ("99.2", 1.0, r"99.2 asks for an array of shape \(3,\), got a number"),
            ("99.2", [1, 2], r"99.2 asks for an array of shape \(3,\), got shape \(2,\)"),
            ("99.2", [1, np.nan, 2], r"99.2 asks for .*, got a value that is not finite"),
            ("99.9", 1, r"there is no exercise '99.9'; did you mean '99.\d'\?"),
            ("quiz", 1, "there is no exercise 'quiz'; there are: 99.1, 99.2, 99.3, 99.4"),
        ],
    )
    def test_another_shape_or_an_unknown_exercise_is_no_verdict(self, number, answer, message):
        with pytest.raises(ValueError, match=f"^{message}"):
            check(number, answer)

    def test_an_error_in_the_students_function_is_shown_as_it_is(self):
        with pytest.raises(ZeroDivisionError):
            check("99.4", lambda a, b: a / 0)


def test_the_numbers_begin_with_their_chapter():
    for name in MODULES:
        numbers = list(exercises._exercises([name]))
        assert numbers == [f"{name[2:]}.{i}" for i in range(1, len(numbers) + 1)]


def test_a_known_chapter_loads_its_own_answers_alone(monkeypatch):
    asked = []
    monkeypatch.setattr(exercises, "_exercises", lambda modules: asked.append(modules) or MADE_UP)
    monkeypatch.setattr(
        exercises.pkgutil, "iter_modules", lambda path: [(0, m, 0) for m in ("ch98", "ch99")]
    )
    find("99.1")
    assert asked == [["ch99"]]


def test_a_hint_is_shown_without_a_traceback():
    assert NotYet("08.1: think")._render_traceback_() == ["Not yet: 08.1: think"]
