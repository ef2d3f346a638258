"""Addresses of what scenarios show."""

from django.urls import path

from bihuan.console.shows import pages

urlpatterns = [
    path("sheets/<str:scenario>/<str:name>/<int:thing_id>/", pages.sheet_page, name="show_sheet"),
    path("overview/<str:scenario>/<str:name>/", pages.overview_page, name="show_overview"),
]
