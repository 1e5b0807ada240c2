from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0019_what_schemas_say_of_keeping_and_reading'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='links_void_until',
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
