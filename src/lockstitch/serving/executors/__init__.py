"""Where a model's code runs: in a thread of this process, in a process of its own, on Ray."""
