"""Who is in the demo world: literal tables, no rows."""

from __future__ import annotations

STAGES = ("Applied", "Assessment", "Interview", "Offer")

JOBS = (
    ("Back-end engineer", "Remote"),
    ("Robotics technician", "Rivertown"),
    ("Customer success manager", "Lakemont"),
    ("Fleet operator", "Pine Hollow"),
)

FIRST = (
    "Ada", "Bram", "Chidi", "Dagny", "Emeka", "Freya", "Goran", "Hana", "Idris", "Jun",
    "Kaisa", "Lior", "Mirela", "Nilo", "Oona", "Paloma", "Quim", "Rhea", "Sorin", "Tamsin",
    "Ugo", "Vesna", "Wren", "Xenia", "Yusra", "Zeno", "Anouk", "Boaz", "Calla", "Dov",
    "Esme", "Fadil", "Greta", "Hugo", "Ines", "Jarek", "Kofi", "Leda", "Matteo", "Noor",
)  # fmt: skip
LAST = (
    "Okafor", "Vandermolen", "Achterberg", "Lindqvist", "Nwosu", "Halloran", "Petrovic", "Sato", "Rahmani", "Takeda",
    "Virtanen", "Ben-Ami", "Ionescu", "Marchetti", "Koskela", "Duarte", "Ferrer", "Papadaki", "Munteanu", "Blackwood",
    "Esposito", "Horvat", "Ashdown", "Sokolova", "Haddad", "Kallas", "Lefevre", "Mizrahi", "Thornbury", "Feldman",
    "Whitlock", "Celik", "Baumann", "Moreau", "Carvalho", "Nowak", "Mensah", "Economou", "Ricci", "Siddiqui",
)  # fmt: skip
PLACES = ("Rivertown", "Lakemont", "Pine Hollow", "Northgate")

GLOBEX_JOB = ("Chemist", "Northgate")
GLOBEX = (("Ilse", "Farrow"), ("Tomas", "Quill"), ("Brisa", "Okonjo"), ("Anders", "Vale"), ("Mio", "Hartley"))

# (address, name, organization, role)
PEOPLE = (
    ("admin@acme.example", "Avery Quinn", "Acme Robotics", "admin"),
    ("recruiter@acme.example", "Robin Hale", "Acme Robotics", "recruiter"),
    ("interviewer@acme.example", "Indra Moss", "Acme Robotics", "interviewer"),
    ("admin@globex.example", "Morgan Lisle", "Globex", "admin"),
)

# (folder in examples/partners, name, assessment key, name, description, kind, where else but at Acme)
PARTNERS = (
    ("codeforge", "CodeForge", "coding", "Coding assessment", "coding", ("Globex",)),
    ("lingua", "Lingua Metrics", "english", "English test", "language", ()),
    ("clearview", "ClearView Checks", "background", "Background check", "background_check", ()),
)
