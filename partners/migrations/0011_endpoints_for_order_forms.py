from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0010_installations_hold_keys'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='purpose',
            field=models.CharField(choices=[('order', 'Orders'), ('cancel', 'Cancellations'), ('status', 'Status questions'), ('catalogue', 'Catalogue'), ('fields', 'Order form'), ('complaint', 'Complaints'), ('events', 'Events')], max_length=20),
        ),
        migrations.AlterField(
            model_name='endpoint',
            name='purpose',
            field=models.CharField(choices=[('order', 'Orders'), ('cancel', 'Cancellations'), ('status', 'Status questions'), ('catalogue', 'Catalogue'), ('fields', 'Order form'), ('complaint', 'Complaints'), ('events', 'Events')], max_length=20),
        ),
    ]
