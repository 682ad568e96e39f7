"""Modern schedules, each at its own best peak, on a small transformer and on LeNet.

`python -m studies.modern` trains what is missing and writes `results/modern.csv`, one row a run;
the chapter on modern schedules reads it. `settings` says what is compared.
"""
