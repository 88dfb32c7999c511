from django.urls import URLPattern, URLResolver, path

from approvals import charts, views, writing

app_name = "approvals"

urlpatterns: list[URLPattern | URLResolver] = [
    path("requests/", views.requests, name="requests"),
    path("requests/new/", writing.new, name="new"),
    path("requests/figures/", charts.figures, name="figures"),
    path("requests/<str:number>/", views.request_page, name="request"),
    path("requests/<str:number>/edit/", writing.edit, name="edit"),
    path("requests/<str:number>/edit/<slug:slug>/", writing.step, name="step"),
    path("requests/<str:number>/check/", writing.check, name="check"),
    path("requests/<str:number>/review/", writing.review, name="review"),
    path("requests/<str:number>/submit/", writing.submit, name="submit"),
    path("requests/<str:number>/comment/", views.comment, name="comment"),
    path("requests/<str:number>/files/<int:pk>/", views.download, name="download"),
    path("requests/<str:number>/withdraw/", views.withdraw, name="withdraw"),
]
