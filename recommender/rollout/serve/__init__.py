"""The report on 127.0.0.1, so that decisions are saved to their file: the only part that opens a socket."""
