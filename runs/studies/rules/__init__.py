"""What each rule's runs are asked beyond their equity: a hedge, a squeeze, compounding, event options."""
