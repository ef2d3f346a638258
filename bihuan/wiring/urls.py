"""Every address of the site."""

from django.urls import include, path

from bihuan.console.api import api
from bihuan.console.setup import readiness
from bihuan.wiring import health
from bihuan.wiring.doctor import examine_here

readiness.use(examine_here)
handler500 = "bihuan.console.pages.server_error"
urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
    path("health", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("bihuan.console.urls")),
]
