"""Many submissions to one picture: every file accounted for, one submission per unit, year and project."""
