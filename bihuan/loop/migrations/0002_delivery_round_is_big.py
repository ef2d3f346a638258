"""A delivery's round holds the case's round of calling and how often it came again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loop", "0001_initial")]

    operations = [
        migrations.AlterField(model_name="delivery", name="round", field=models.BigIntegerField()),
    ]
