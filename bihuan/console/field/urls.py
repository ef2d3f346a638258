"""Addresses of field mode."""

from django.urls import path

from bihuan.console.field import codes, pages

urlpatterns = [
    path("field/", pages.field, name="field"),
    path("field/who", pages.who, name="field_who"),
    path("field/offline", pages.offline, name="field_offline"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("field/sw.js", pages.worker, name="field_worker"),
    path("field/find", codes.find, name="field_find"),
    path("field/code/<str:kind>/<int:thing_id>/", codes.code, name="field_code"),
]
