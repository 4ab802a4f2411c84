"""The way from a recommendation to enforcement: waves, each with its commands, stop rule and way back."""
