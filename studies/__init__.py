"""Long measurements, never part of the tests: they write `results/`, which the chapters read."""
