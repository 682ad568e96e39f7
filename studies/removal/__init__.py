"""What becomes of each chapter's claims when its subject is taken away."""
