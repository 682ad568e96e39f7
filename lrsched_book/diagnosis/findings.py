"""What was found, and how it reads: as text in a terminal, as a table in a notebook."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Attributes:
        code: its name. Several rules may share one.
        severity: one of `SEVERITIES`. An error spoils the run, a warning says that it is hardly
            the run that was meant, a note tells what is easily overlooked.
        step: the update where it shows first, counted from 0.
        consequence: what will happen.
        remedy: what to change.
        chapter: the chapter that explains it, without suffix.
    """

    code: str
    severity: str
    step: int
    consequence: str
    remedy: str
    chapter: str

    @property
    def link(self) -> str:
        """The notebook of that chapter, relative to the others."""
        return f"{self.chapter}.ipynb"


@dataclass(frozen=True)
class Diagnosis(Sequence):
    """The findings, worst first: a sequence that prints as text and shows as a table.

    Attributes:
        plan: what was examined.
        findings: the findings; none if the plan is sound.
    """

    plan: str
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, in their order."""
        return [finding.code for finding in self.findings]

    def __len__(self) -> int:
        """Count the findings."""
        return len(self.findings)

    def __getitem__(self, index):
        """Return one finding, or a tuple of several."""
        return self.findings[index]

    def __repr__(self) -> str:
        """Show the findings as text, for a terminal."""
        if not self.findings:
            return f"{self.plan}: nothing wrong was found"
        lines = [f"{self.plan}:"]
        for finding in self.findings:
            lines += [
                f"{finding.severity} at update {finding.step:,}: {finding.code}",
                f"    {finding.consequence}",
                f"    {finding.remedy}",
                f"    See notebooks/{finding.link}",
            ]
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        """Show the findings as a table, for a notebook.

        Markdown has no colours of its own, so it is readable wherever the notebook is, and its
        links lead to the notebook in JupyterLab and to the page on the site, which renders it.
        """
        if not self.findings:
            return _plain(repr(self))
        rows = [
            f"| {finding.severity} | {finding.step:,} | [{finding.code}]({finding.link}) "
            f"| {_plain(finding.consequence)} | {_plain(finding.remedy)} |"
            for finding in self.findings
        ]
        heads = ["| severity | update | code | consequence | remedy |", "|---|--:|---|---|---|"]
        return "\n".join([f"**{_plain(self.plan)}**", "", *heads, *rows])


def _plain(text: str) -> str:
    r"""Return Markdown that shows `text` as it is, on one line.

    >>> print(_plain("T_max=50 | <lambda>"))
    T\_max\=50 \| \<lambda\>
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))
