import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0010_organizations_read_orders'),
        ('partners', '0011_endpoints_for_order_forms'),
    ]

    operations = [
        migrations.CreateModel(
            name='Callback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='callbacks', to='assessments.order')),
            ],
            options={
                'ordering': ('order', 'id'),
            },
        ),
        migrations.CreateModel(
            name='CatalogueRefresh',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('', 'Not asked yet'), ('done', 'Done'), ('failed', 'Failed')], default='', max_length=10)),
                ('at', models.DateTimeField(blank=True, null=True)),
                ('sentence', models.CharField(blank=True, max_length=500)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('installation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='catalogue_refresh', to='partners.installation')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='catalogue_refresh_due')],
            },
        ),
        migrations.CreateModel(
            name='ReportToFetch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500)),
                ('name', models.CharField(max_length=200)),
                ('next_at', models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('trouble', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports_to_fetch', to='assessments.order')),
            ],
            options={
                'ordering': ('order', 'id'),
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='report_to_fetch_due')],
                'constraints': [models.UniqueConstraint(fields=('order', 'url'), name='report_to_fetch_once')],
            },
        ),
        migrations.CreateModel(
            name='StatusQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('step', models.PositiveSmallIntegerField()),
                ('until', models.DateTimeField()),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('asked', models.PositiveIntegerField(default=0)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('trouble', models.CharField(blank=True, max_length=300)),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='question', to='assessments.order')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='status_question_due')],
            },
        ),
    ]
