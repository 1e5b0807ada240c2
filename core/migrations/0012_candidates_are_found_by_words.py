from django.db import migrations


def index_words(_apps, editor):
    """For a part of a name or an address, wherever it stands. SQLite has no such index, and few candidates."""
    if editor.connection.vendor != "postgresql":
        return
    columns = ", ".join(f"UPPER({name}) gin_trgm_ops" for name in ("first_name", "last_name", "email"))
    editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    editor.execute(f"CREATE INDEX candidate_words ON core_candidate USING gin ({columns})")


def forget(_apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX candidate_words")


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0011_fewer_indexes_of_calls'),
    ]

    operations = [
        migrations.RunPython(index_words, forget),
    ]
