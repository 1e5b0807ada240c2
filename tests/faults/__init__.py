"""The fault run: the product keeps its promises while its parts are killed. `make faults`; never part of the suite."""
