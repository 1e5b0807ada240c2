import core.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0009_partners_of_one_organization'),
    ]

    operations = [
        migrations.AddField(
            model_name='installation',
            name='credential',
            field=core.fields.SealedTextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='installation',
            name='key_hash',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddConstraint(
            model_name='installation',
            constraint=models.UniqueConstraint(condition=models.Q(('key_hash', ''), _negated=True), fields=('key_hash',), name='installation_key_once'),
        ),
    ]
