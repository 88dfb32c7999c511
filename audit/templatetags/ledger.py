"""`{% load ledger %}`: how pages show entries."""

from django import template

from audit import phrases

register = template.Library()
register.filter("spoken", phrases.spoken)
