"""Every address. Signing in is here because it belongs to no room."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from config.signin import FirstOrForgottenPasswordForm, SignInForm, admin_login

urlpatterns = [
    path("login/", auth.LoginView.as_view(authentication_form=SignInForm), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/change/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/change/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path(
        "password/reset/",
        auth.PasswordResetView.as_view(form_class=FirstOrForgottenPasswordForm),
        name="password_reset",
    ),
    path("password/reset/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password/set/<uidb64>/<token>/",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("password/set/done/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("admin/login/", admin_login),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("employees.urls")),
    path("", include("approvals.urls")),
    path("", include("credentials.urls")),
    path("", include("config.pages")),
]
