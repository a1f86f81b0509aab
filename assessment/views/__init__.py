"""Pages of assessment: instruments and rounds for the bureau, ballots and results for raters and subjects."""
