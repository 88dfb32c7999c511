"""Who can sign in to the demonstration city, and where each begins: the story in the order in which to click it."""

from config.demonstration.cast import email

STOPS = (
    (email("Priya Nair"), "asks for the Zoo's accounts", "/requests/new/", "ask for an account"),
    (email("Helen Okafor"), "directs the Zoo", "/admin/", "endorse it"),
    (email("Dana Whitfield"), "PI Director", "/admin/", "approve it"),
    (email("Sam Ortega"), "Information Technology", "/credentials/queue/", "deposit, rotate what is due"),
    (email("Marcus Lindqvist"), "IT Director", "/today/", "see what waits for him"),
    (email("Ray Donnelly"), "Fire Chief", "/today/", "go on with a rotation that was handed to him"),
    (email("Carla Jimenez"), "registry clerk", "/people/", "record that somebody leaves"),
    (email("Eleanor Marsh"), "auditor", "/access/", "ask who knew the password; export"),
    (email("Noah Price"), "Fire, no access now", "/today/", "see how little he sees"),
)
"""Work e-mail, who that is, the page to open first, and what for."""
