from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0013_long_texts_by_lz4'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='expires_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('expires_at__isnull', False), ('state', 'due')), fields=['expires_at'], name='delivery_expires'),
        ),
    ]
