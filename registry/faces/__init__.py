"""What the two signed-in faces share: who is signed in, one sheet of paper, and mistakes told well.

Whom an address is for, its handler says in `opt`; the door (`registry.faces.door`) alone enforces it, and
the app does not start with a handler that leaves it open:

    @post(
        "/desk/matters/{id:str}/{act:str}",
        opt={"needs": "finding.record", "reach": {"id": "matter", "act": "nothing"}},
    )

- `needs`: an act of `registry.access.PERMISSIONS`, a step (`kind.act`), or several of which one must be
  allowed. Without it `/desk` needs `read_register` and `/my` needs `use_portal`. Outside of both: `anyone`
  who is signed in, `half` (a password is enough), `nobody`.
- `reach`: what a parameter of the path, of the query, or a field of the form names: `institution`, `matter`,
  `inspection`, `attachment`, `task` (see `registry.queries.places.SUBJECTS`), `campaign`, `draw`,
  `jurisdiction`, or `nothing`.
  It must lie in the person's jurisdiction, or be of the person's own institution. Every parameter of a path
  must be named.

A list is limited by `person.places` (no place: the whole city) or `person.institution`. Every address has
its line in `tests/flows/roles.toml`, which a lawyer can read and a test walks.
"""
