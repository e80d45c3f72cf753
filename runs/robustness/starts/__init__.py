"""Every day on which a person could have begun, for every time that he could have stayed."""
