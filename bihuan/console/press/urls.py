"""Addresses of press pages, published series and bulletins."""

from django.urls import path

from bihuan.console.bulletins import pages as bulletins
from bihuan.console.press import pages, series_pages

urlpatterns = [
    path("press/", pages.press, name="press"),
    path("press/<int:page_id>/", pages.press_page, name="press_page"),
    path("press/<int:page_id>/add", pages.press_add, name="press_add"),
    path("press/<int:page_id>/<int:n>/decide", pages.press_decide, name="press_decide"),
    path("published/", series_pages.published, name="published"),
    path("published/<int:series_id>/", series_pages.published_series, name="published_series"),
    path("published/<int:series_id>/<str:what>", series_pages.published_do, name="published_do"),
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/<int:bulletin_id>/", bulletins.bulletin, name="bulletin"),
    path("bulletins/<int:bulletin_id>/edit", bulletins.bulletin_edit, name="bulletin_edit"),
    path("bulletins/<int:bulletin_id>/v<int:version>", bulletins.bulletin, name="bulletin_version"),
    path(
        "bulletins/<int:bulletin_id>/v<int:version>.<str:form>",
        bulletins.bulletin_file,
        name="bulletin_file",
    ),
    path("bulletins/<int:bulletin_id>/<str:what>", bulletins.bulletin_do, name="bulletin_do"),
]
