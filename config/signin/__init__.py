"""Signing in: the door of django-allauth, closed to strangers, and what it wants of whom."""
