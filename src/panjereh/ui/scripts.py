"""Pages that load a script. All others are told by their policy to run none."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def runs_scripts(view: View) -> View:
    """The page may load scripts from our own files; it says what is needed where none runs."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.runs_scripts = True  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return marked
