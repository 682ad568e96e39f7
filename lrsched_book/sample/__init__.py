"""The embedded sample of Fashion-MNIST, its licence, and the script that drew it."""
