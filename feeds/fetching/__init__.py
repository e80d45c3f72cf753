"""Daily bars from Yahoo Finance into the data folder, and files of it kept up to date."""
