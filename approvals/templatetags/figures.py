"""How the page of figures writes working days. `{% load figures %}`."""

from django import template

from approvals import figures

register = template.Library()
register.filter("days_text", figures.days_text)
