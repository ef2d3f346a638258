"""Projection of orders to devices, for the device page and for the gateway that sends them."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection

OPEN = ("waiting", "sent")


class DeviceOrder(Projection):
    """One order. values: JSON of whole numbers; answer: the device's own frame."""

    id = models.BigIntegerField(primary_key=True)
    device_id = models.BigIntegerField(db_index=True)
    order = models.CharField(max_length=32)
    values = models.TextField()
    phone = models.BinaryField(null=True)
    by_id = models.BigIntegerField()
    state = models.CharField(max_length=8)
    ordered_us = models.BigIntegerField()
    expires_us = models.BigIntegerField()
    sent_us = models.BigIntegerField(null=True)
    ended_us = models.BigIntegerField(null=True)
    answer = models.BinaryField(null=True)

    class Meta:
        db_table = "register_device_order"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=("waiting", "sent", "answered", "expired")),
                name="device_order_state",
            ),
        )
        indexes = (
            models.Index(
                fields=("state", "expires_us"),
                condition=models.Q(state__in=OPEN),
                name="device_order_open",
            ),
        )
