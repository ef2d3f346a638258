"""Addresses of the register's pages."""

from django.urls import path

from bihuan.console.register import (
    area_pages,
    device_pages,
    ledgers,
    organisation_pages,
    party_pages,
    roster_pages,
    row_sheet,
)

urlpatterns = [
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/<str:scenario>/<str:kind>/", ledgers.row_list, name="rows"),
    path("rows/<int:row_id>/", row_sheet.row_page, name="row"),
    path("devices/", device_pages.devices, name="devices"),
    path("devices/<int:device_id>/", device_pages.device, name="device"),
    path("rosters/", roster_pages.rosters, name="rosters"),
    path("rosters/<int:roster_id>/", roster_pages.roster, name="roster"),
    path("rosters/<int:roster_id>/calendar.ics", roster_pages.calendar, name="roster_calendar"),
    path("areas/", area_pages.areas, name="areas"),
    path("areas/<int:area_id>/", area_pages.area, name="area"),
    path("parties/", party_pages.parties, name="parties"),
    path("parties/duplicates/", party_pages.duplicates, name="duplicates"),
    path("parties/<int:party_id>/", party_pages.party, name="party"),
    path("organisations/", organisation_pages.organisations, name="organisations"),
    path(
        "organisations/<int:organisation_id>/",
        organisation_pages.organisation,
        name="organisation",
    ),
]
