"""From the files and frames that vendors serve to checked bars and rates."""
