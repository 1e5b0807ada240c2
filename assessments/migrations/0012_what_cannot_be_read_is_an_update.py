from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0011_partners_are_asked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='orderupdate',
            name='kind',
            field=models.CharField(choices=[('accepted', 'Accepted'), ('declined', 'Declined'), ('started', 'Started'), ('progress', 'Progress'), ('note', 'Note'), ('cancelled', 'Cancelled'), ('cancel_refused', 'Too late to cancel'), ('expired', 'Expired'), ('deadline', 'Deadline put off'), ('result', 'Result'), ('unreadable', 'Something that cannot be read')], max_length=20),
        ),
        migrations.AlterField(
            model_name='orderupdate',
            name='source',
            field=models.CharField(choices=[('partner', 'Partner'), ('person', 'Person'), ('receipt', 'Reply to a delivery'), ('asked', 'Answer to our question')], default='partner', max_length=20),
        ),
    ]
