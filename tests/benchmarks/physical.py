"""B: what the database alone can do: pgbench's insert of a result and update of its order, in one transaction."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile

from tests.benchmarks.documents import sixty_fields

SCRIPT = """\\set id random(1, {orders})
BEGIN;
INSERT INTO benchmarks_textbookresult (order_id, document, score, received_at) VALUES (:id, '{document}', 81, now());
UPDATE benchmarks_textbookorder SET status = 'completed', updated_at = now() WHERE id = :id;
COMMIT;
"""


def transactions_per_second(url: str, *, orders: int, clients: int, seconds: float) -> float:
    """By as many clients as the contenders have."""
    # A colon would begin a variable of pgbench's own.
    document = json.dumps(sixty_fields()[1], separators=(",", ": "))
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT.format(orders=orders, document=document))
        script.flush()
        options = ("-n", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds))), "-f", script.name)
        done = subprocess.run(["pgbench", *options, url], check=True, capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])
