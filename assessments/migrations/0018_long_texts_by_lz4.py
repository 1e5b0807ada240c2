"""Long texts are compressed by LZ4."""

from django.db import migrations

from core.compression import by_lz4


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0017_rows_of_results_are_light'),
    ]

    operations = [
        by_lz4('assessments_orderupdate', 'normalised', 'raw'),
        by_lz4('assessments_result', 'document'),
        by_lz4('assessments_resultschema', 'text'),
    ]
