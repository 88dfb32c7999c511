"""Every address. Signing in is here because it belongs to no room.

Of django-allauth's addresses only those that this project wants: nobody signs up, adds addresses or connects accounts.
"""

from allauth.account import views as account
from allauth.decorators import rate_limit
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from accounts import documentation
from accounts.api import api
from config.signin import views as signin
from config.signin.forms import FirstOrForgottenPasswordForm

reset = auth.PasswordResetView.as_view(form_class=FirstOrForgottenPasswordForm)

handler500 = "config.broken.failed"

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("login/again/", account.reauthenticate, name="account_reauthenticate"),
    path("login/factor/", include("allauth.mfa.urls")),
    path("login/sso/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/sso/error/", social.login_error, name="socialaccount_login_error"),
    path("login/sso/<slug:provider_id>/login/", signin.sso, name="openid_connect_login"),
    path("login/sso/<slug:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    path("sessions/", signin.sessions, name="sessions"),
    path("sessions/<int:pk>/end/", signin.end_session, name="end_session"),
    path("password/change/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/change/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("password/reset/", rate_limit(action="reset_password")(reset), name="password_reset"),
    path("password/reset/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password/set/<uidb64>/<token>/",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("password/set/done/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("admin/login/", signin.admin_login),
    path("admin/", admin.site.urls),
    path("", include("audit.urls")),
    path("", include("accounts.urls")),
    path("api/v1/", api.urls),
    path("api/v1/<path:rest>", documentation.nothing),
    path("", include("employees.urls")),
    path("", include("approvals.urls")),
    path("", include("credentials.urls")),
    path("", include("config.pages")),
]
