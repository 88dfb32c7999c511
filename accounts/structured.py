"""What search engines read of an account: JSON-LD in its page.

A script element of another type than a script's is a block of data: browsers neither run it nor ask the
Content-Security-Policy about it (HTML, "prepare the script element"), so the policy stays without an exception.
"""

from __future__ import annotations

import json

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Account

ESCAPES = {ord(one): f"\\u{ord(one):04X}" for one in "<>&"}
"""So that nothing in the data ends its element, as Django's `json_script` does it."""


def structured(account: Account, here: str) -> SafeString:
    """schema.org's GovernmentOrganization, the department, the same as its account; as an element for the head."""
    data = {
        "@context": "https://schema.org",
        "@type": "GovernmentOrganization",
        "@id": here,
        "name": f"{settings.CITY_NAME}, {account.department.name}",
        "url": here,
        "description": account.short_description or account.name,
        "sameAs": [account.url],
        "parentOrganization": {
            "@type": "GovernmentOrganization",
            "name": settings.CITY_NAME,
            "url": f"https://{settings.CITY_WEBSITE}/",
            "telephone": settings.CITY_PHONE,
            "address": {
                "@type": "PostalAddress",
                "addressRegion": settings.CITY_STATE,
                "addressCountry": "US",
            },
        },
    }
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308
