"""Long texts are compressed by LZ4."""

from django.db import migrations

from core.compression import by_lz4


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0012_fewer_indexes_of_events'),
    ]

    operations = [
        by_lz4('partners_attempt', 'reply_body'),
        by_lz4('partners_event', 'body'),
    ]
