"""The addresses of signing in and of one's own account."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from bihuan.console.administration import pages as administration
from bihuan.console.outside import pages as outside
from bihuan.console.signin import me, pages, push

urlpatterns = [
    path("sign-in/", pages.SignIn.as_view(), name="sign_in"),
    path("sign-in/second/", pages.second_step, name="second_step"),
    path("sign-in/passkey/options", pages.passkey_options, name="passkey_options"),
    path("sign-in/passkey/", pages.passkey_sign_in, name="passkey_sign_in"),
    path("sign-in/with/<str:name>/", outside.depart, name="outside"),
    path("sign-in/with/<str:name>/back", outside.arrive, name="outside_back"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("office/", administration.office, name="office"),
    path("office/<str:what>", administration.act, name="office_act"),
    path("me/", me.me, name="me"),
    path("me/password/", me.password, name="password"),
    path("me/app/confirm", me.confirm_app, name="confirm_app"),
    path("me/passkeys/options", me.passkey_options, name="passkey_new"),
    path("me/passkeys/add", me.passkey_add, name="passkey_add"),
    path("me/sessions/end", me.end_session, name="end_session"),
    path("me/push/on", push.push_on, name="push_on"),
    path("me/push/off", push.push_off, name="push_off"),
    path("me/change/<str:what>", me.change, name="change_me"),
]
