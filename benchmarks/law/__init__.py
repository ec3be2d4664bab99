"""What the law costs: days counted, classes found, a changed calendar, a mandate handed over."""
