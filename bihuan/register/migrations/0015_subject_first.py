from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0014_consent_age")]

    operations = [
        migrations.AddIndex(
            model_name="subject",
            index=models.Index(
                fields=["scenario", "kind", "opened_us"],
                condition=models.Q(("ended_us__isnull", True)),
                name="register_subject_first",
            ),
        )
    ]
