"""Every address of the site."""

from django.urls import include, path

from bihuan.console.api import api

handler500 = "bihuan.console.pages.server_error"
urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
    path("", include("bihuan.console.urls")),
]
