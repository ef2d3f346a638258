"""Sign-ins: a user of Django joined to a person of the register."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.db import transaction

from bihuan.base.errors import BadInputError, Fault
from bihuan.console.models import Account
from bihuan.register.models import Person

LENGTH, COMMON = MinimumLengthValidator(8), CommonPasswordValidator()


def create(username: str, password: str, person_id: int) -> None:
    """Make a sign-in; raises BadInputError with everything that is wrong."""
    faults = []
    if not username.isalnum() or len(username) > 32:
        faults.append(Fault("username", username, "1 to 32 letters and digits"))
    if User.objects.filter(username=username).exists():
        faults.append(Fault("username", username, "a name that is not taken"))
    if not Person.objects.filter(id=person_id).exists():
        faults.append(Fault("person_id", str(person_id), "a registered person"))
    if Account.objects.filter(person_id=person_id).exists():
        faults.append(Fault("person_id", str(person_id), "a person without a sign-in"))
    try:
        validate_password(password, password_validators=(LENGTH, COMMON))
    except ValidationError as error:
        faults += [Fault("password", "(not shown)", text) for text in error.messages]
    if faults:
        raise BadInputError(*faults)
    with transaction.atomic():
        user = User.objects.create_user(username=username, password=password)
        Account.objects.create(user=user, person_id=person_id)
