"""The admin's index holds what the rooms put there.

django-allauth's tables are nobody's to edit, superuser or not; nor are django-post-office's: mails are written by
services, its template form loads a script from elsewhere, and the page Status shows what failed.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from post_office.models import Attachment, Email, EmailTemplate

for model in (
    *(EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession),
    *(Attachment, Email, EmailTemplate),
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
