from django.contrib.sitemaps import views as sitemaps
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts import answers, documentation, feeds, registry, reporting, upkeep, views

app_name = "accounts"

sitemap = gzip_page(require_safe(sitemaps.sitemap))
feed = gzip_page(require_safe(feeds.AccountNews()))

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.directory, name="directory"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("a/<int:pk>", views.short, name="short"),
    path("verify/", answers.verify, name="verify"),
    path("report/", reporting.report, name="report"),
    path("report/<slug:number>/", reporting.reported, name="reported"),
    path("impostors/", reporting.listed, name="impostors"),
    path("data/", documentation.data, name="data"),
    path("api/v1/", documentation.data),
    path("api/v1/openapi.json", documentation.openapi, name="openapi"),
    path(".well-known/trust.txt", feeds.trust, name="trust"),
    path("feed.atom", feed, name="feed"),
    path("sitemap.xml", sitemap, {"sitemaps": feeds.SITEMAPS}, name="sitemap"),
    path("robots.txt", feeds.robots, name="robots"),
    path("registry/", registry.registry, name="registry"),
    path("registry/<int:pk>/", registry.registry_account, name="registry_account"),
    path("registry/<int:pk>/describe/", registry.describe, name="describe"),
    path("registry/<int:pk>/designate/", registry.designate, name="designate"),
    path("registry/reports/", reporting.reports, name="reports"),
    path("registry/reports/<int:pk>/", reporting.decide, name="decide_report"),
    path("registry/neighbours/", reporting.neighbourhood, name="neighbours"),
    path("registry/neighbours/<int:pk>/remove/", reporting.remove_neighbour, name="remove_neighbour"),
    path("registry/<int:pk>/profile/", upkeep.profile, name="profile"),
    path("registry/<int:pk>/affiliations/", upkeep.affiliations, name="affiliations"),
    path("affiliations/", upkeep.week, name="affiliations_week"),
    path("affiliations/seen/", upkeep.seen, name="affiliations_seen"),
    path("affiliations/<int:pk>/order/", upkeep.order, name="affiliation_order"),
    path("affiliations/<int:pk>/undone/", upkeep.undone, name="affiliation_undone"),
]
