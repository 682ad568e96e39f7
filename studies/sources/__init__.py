"""The runs of the source documents at full scale, as published and as corrected.

`make reproduce` trains them all on the 60,000 images of Fashion-MNIST and writes two tables and a
figure into `results/`; the appendix on the sources reads them. `settings` says what is trained,
`runs` trains it, and `tables` writes and reads what came of it.
"""
