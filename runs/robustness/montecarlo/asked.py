"""What is asked of `letf montecarlo` beside a spec."""

from __future__ import annotations

from dataclasses import dataclass

from feeds.bars import MIN_BARS
from feeds.histories.bootstrap import Bootstrap
from feeds.histories.steps import Floats, Model
from letf_instruments import SpecError
from runs.specs.arguments import number, one_of, whole

MODELS = ("bootstrap", "garch", "regimes")
MOST_PATHS, MOST_DAYS = 1_000_000, 30_000


@dataclass(frozen=True)
class Asked:
    """What is asked for beside a spec.

    paths : how many. model : one of `MODELS`. days : sessions of a path; None for those of the real run.
    block : mean length of a block, of the bootstrap. shocks : of garch, "student" or "residuals".
    regimes : how many. seed : of all that is drawn.
    """

    paths: int = 10_000
    model: str = "bootstrap"
    seed: int = 1
    days: int | None = None
    block: float | None = None
    shocks: str = "student"
    regimes: int = 2

    def check(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        SpecError
            One sentence.
        """
        from feeds.histories.garch import SHOCKS

        whole("paths", self.paths, 2, MOST_PATHS)
        one_of("model", self.model, MODELS)
        whole("seed", self.seed, 0)
        if self.days is not None:
            whole("days", self.days, MIN_BARS, MOST_DAYS)
        if self.block is not None:
            number("block", self.block, 1.0, float(MOST_DAYS))
            if self.model != "bootstrap":
                raise SpecError(f"block is for the bootstrap, and the model is {self.model}; take one out")
        one_of("shocks", self.shocks, SHOCKS)
        whole("regimes", self.regimes, 2, 4)

    def model_of(self, returns: Floats) -> Model:
        """The model, fitted to log returns."""
        if self.model == "garch":
            from feeds.histories.garch import Garch

            return Garch(returns, self.shocks)  # type: ignore[arg-type]
        if self.model == "regimes":
            from feeds.histories.regimes import Regimes

            return Regimes(returns, self.regimes)
        return Bootstrap(returns, self.block)
