from django.urls import URLPattern, URLResolver, path

from approvals import charts, views

app_name = "approvals"

urlpatterns: list[URLPattern | URLResolver] = [
    path("requests/", views.requests, name="requests"),
    path("requests/new/", views.new, name="new"),
    path("requests/figures/", charts.figures, name="figures"),
    path("requests/<str:number>/", views.request_page, name="request"),
    path("requests/<str:number>/edit/", views.edit, name="edit"),
    path("requests/<str:number>/comment/", views.comment, name="comment"),
    path("requests/<str:number>/withdraw/", views.withdraw, name="withdraw"),
]
