"""Many months in an hour: a city with its people, two nodes, a crowd and faults, on a clock that is set forward."""
