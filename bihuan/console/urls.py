"""The console's addresses."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from bihuan.console import act_page, board, case_page, demo_page, pages, phone

urlpatterns = [
    path("", board.board, name="board"),
    path("board/live", board.board_live, name="board_live"),
    path("cases/", board.cases, name="cases"),
    path("cases/<int:case_id>/", case_page.case_page, name="case"),
    path("cases/<int:case_id>/live", case_page.case_live, name="case_live"),
    path("cases/<int:case_id>/act", act_page.case_act, name="case_act"),
    path("cases/<int:case_id>/proof/<str:digest>", case_page.proof_file, name="proof"),
    path("live", pages.live, name="live"),
    path("listening", pages.listening, name="listening"),
    path("health", pages.health, name="health"),
    path("phone/<str:token>/", phone.phone, name="phone"),
    path("phone/<str:token>/live", phone.phone_live, name="phone_live"),
    path("phone/<str:token>/act", phone.phone_act, name="phone_act"),
    path("demo/", demo_page.demo, name="demo"),
    path("demo/press", demo_page.demo_press, name="demo_press"),
    path(
        "sign-in/",
        LoginView.as_view(template_name="console/sign_in.html", redirect_authenticated_user=True),
        name="sign_in",
    ),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
]
