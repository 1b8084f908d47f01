"""Pages that answer a question with whole trainings: controls, measurements and words."""
