"""Addresses of rules and trials."""

from django.urls import path

from bihuan.console.tuning import pages, trial_pages

urlpatterns = [
    path("rules/", pages.rules, name="rules"),
    path("rules/trials/<int:trial_id>/", trial_pages.trial_page, name="trial"),
    path("rules/<str:scenario>/<str:rule>/", pages.rule_page, name="rule"),
    path("rules/<str:scenario>/<str:rule>/try", trial_pages.try_rule, name="try_rule"),
    path("rules/<str:scenario>/<str:rule>/limit", pages.limit, name="rule_limit"),
    path("rules/<str:scenario>/<str:rule>/override", pages.override, name="rule_override"),
    path(
        "rules/<str:scenario>/<str:rule>/override/<int:override_id>/end",
        pages.override_end,
        name="rule_override_end",
    ),
    path(
        "rules/<str:scenario>/<str:rule>/override/<int:override_id>/why",
        pages.reasons,
        name="rule_reasons",
    ),
]
