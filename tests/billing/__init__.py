"""A second review program, for tests: rulings on disputed utility bills. It knows nothing of the first one."""
