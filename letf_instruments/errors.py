"""The errors that a person can mend: each is one sentence (what, where, what would be right)."""


class LetfError(Exception):
    """Base of every error that is the input's fault. The command line prints it and exits with code 2."""


class DataError(LetfError):
    """Market data that cannot be used."""


class FactError(LetfError):
    """A fund's facts that cannot be right (unknown ticker, dates out of order, a rate out of bounds)."""


class SpecError(LetfError):
    """A run's specification that cannot be used."""


class OrderError(LetfError):
    """An order that no market could take, such as one for infinitely many shares."""


class LedgerError(LetfError):
    """Money that is not accounted for: a fault of this program, which must not hide in a result."""
