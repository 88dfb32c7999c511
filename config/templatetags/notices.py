"""How Yours today shows what mails write as text. `{% load notices %}`."""

import re

from django import template
from django.conf import settings
from django.utils.html import escape, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def notice(text: str) -> SafeString:
    """Paragraphs; an address of this service, which a mail must write out, becomes a link within the page."""
    html = linebreaks(urlize(text, autoescape=True))
    here = re.escape(escape(settings.SITE_URL))
    link = re.compile(rf'<a href="{here}(/[^"]*)"[^>]*>[^<]*</a>')
    return mark_safe(link.sub(lambda found: f'<a href="{found[1]}">{escape(_("Open it"))}</a>', html))  # noqa: S308
