"""Forms render as USWDS forms: `{{ form }}` and `{{ field.as_field_group }}` need no markup of their own."""

from django.forms.renderers import TemplatesSetting


class UswdsRenderer(TemplatesSetting):
    form_template_name = "includes/form.html"
    field_template_name = "includes/field.html"
