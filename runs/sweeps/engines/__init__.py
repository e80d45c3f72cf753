"""What runs the cells: the kernel, backtrader, processes, a cluster."""
