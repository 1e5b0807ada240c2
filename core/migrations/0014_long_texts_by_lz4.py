"""Long texts are compressed by LZ4."""

from django.db import migrations

from core.compression import by_lz4


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0013_records_are_light'),
    ]

    operations = [
        by_lz4('core_rememberedreply', 'body', 'clear'),
        by_lz4('core_requestlog', 'request_body'),
    ]
