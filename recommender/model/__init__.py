"""The words of the field, frozen and typed. No I/O, no pandas."""
