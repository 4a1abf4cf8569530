//! `bs4`: Beautiful Soup.
