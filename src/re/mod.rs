//! `re`: Python's regular expressions.
