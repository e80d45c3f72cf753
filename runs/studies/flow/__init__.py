"""What a fund must trade at each close, and how far its leverage drifts until then."""
