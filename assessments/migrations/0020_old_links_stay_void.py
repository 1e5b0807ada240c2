from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0018_long_texts_by_lz4'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='links_void_until',
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
