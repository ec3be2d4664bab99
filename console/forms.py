"""How forms are drawn: Django's own renderer, with the project's templates before Django's."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Labels, hints and errors in the markup that the style sheet knows."""

    form_template_name = "console/form.html"
    field_template_name = "console/field.html"
