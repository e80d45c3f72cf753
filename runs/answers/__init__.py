"""What any question gives, and its faces: terminal, folder, page, notebook; canvas and words of all."""
