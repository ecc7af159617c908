"""Every text a person can see has a Persian one, and a right one."""

from pathlib import Path

import pytest

from panjereh.runtime import translations

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for package in ("ui", "sdk", "window"):
        catalogue(tmp_path, package).parent.mkdir(parents=True)
        catalogue(tmp_path, package).write_text(HEAD)
    return tmp_path


def catalogue(root: Path, package: str) -> Path:
    return root / package / "locale" / "fa" / "LC_MESSAGES" / "django.po"


def translate(root: Path, package: str, entries: str) -> None:
    catalogue(root, package).write_text(HEAD + entries)


def python(root: Path, source: str) -> None:
    (root / "window" / "views.py").write_text(source)


def template(root: Path, source: str) -> None:
    folder = root / "window" / "templates"
    folder.mkdir()
    (folder / "home.html").write_text("{% load i18n %}\n" + source)


def test_the_house_itself_has_all_its_texts() -> None:
    assert translations.findings() == []


def test_a_text_without_a_translation_is_found_with_its_place(root: Path) -> None:
    python(root, 'from django.utils.translation import gettext as _\n\nname = _("Search")\n')
    assert translations.findings(root) == ["window/views.py:3: no Persian text for 'Search'"]


@pytest.mark.parametrize("package", ["ui", "sdk", "window"])
def test_a_text_may_be_translated_in_ui_sdk_or_its_own_package(root: Path, package: str) -> None:
    python(root, 'gettext_lazy("Search")')
    translate(root, package, 'msgid "Search"\nmsgstr "جست‌وجو"\n')
    assert translations.findings(root) == []


def test_a_translation_in_another_floor_does_not_count(root: Path) -> None:
    catalogue(root, "sso").parent.mkdir(parents=True)
    translate(root, "sso", 'msgid "Search"\nmsgstr "جست‌وجو"\n')
    python(root, 'gettext("Search")')
    assert len(translations.findings(root)) == 1


def test_plural_and_context_texts_of_python_are_found(root: Path) -> None:
    python(root, 'ngettext("%(n)s child", "%(n)s children", 2); pgettext("month", "May")')
    missing = " ".join(translations.findings(root))
    assert all(text in missing for text in ("'%(n)s child'", "'%(n)s children'", "'May'"))
    assert "'month'" not in missing


def test_all_kinds_of_texts_in_templates_are_found(root: Path) -> None:
    template(
        root,
        '{% trans "One" %}{% translate "Two" as two %}{{ x|default:_("Three") }}\n'
        "{% blocktranslate with name=person.name trimmed %}\n  Hello {{ name }}\n"
        "{% endblocktranslate %}"
        "{% blocktranslate count n=n %}{{ n }} letter{% plural %}{{ n }} letters"
        "{% endblocktranslate %}",
    )
    missing = " ".join(translations.findings(root))
    for text in ("One", "Two", "Three", "Hello %(name)s", "%(n)s letter", "%(n)s letters"):
        assert f"'{text}'" in missing


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('msgid "Search"\nmsgstr ""\n', "empty"),
        ('#, fuzzy\nmsgid "Search"\nmsgstr "جست‌وجو"\n', "fuzzy"),
        ('msgid "Search"\nmsgstr "كجا"\n', "Arabic ك instead of ک"),
        ('msgid "Search"\nmsgstr "زيبا"\n', "Arabic ي instead of ی"),
        ('msgid "%(n)s days"\nmsgstr "%(m)s روز"\n', "placeholders ['m'] instead of ['n']"),
        ('msgid "%(n)s days"\nmsgstr "روز"\n', "placeholders [] instead of ['n']"),
        ('msgid "{name} came"\nmsgstr "آمد"\n', "placeholders [] instead of ['name']"),
        ('msgid "a"\nmsgid_plural "b"\nmsgstr[0] "یک"\nmsgstr[1] ""\n', "empty"),
    ],
)
def test_a_bad_translation_is_found(root: Path, entry: str, fault: str) -> None:
    translate(root, "window", entry)
    (found,) = translations.findings(root)
    assert fault in found and found.startswith("window/locale/fa/LC_MESSAGES/django.po:")


def test_the_singular_may_leave_out_the_number(root: Path) -> None:
    entry = (
        'msgid "one day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "یک روز"\nmsgstr[1] "%(n)s روز"\n'
    )
    translate(root, "window", entry)
    assert translations.findings(root) == []


def test_compiled_catalogues_speak_persian(root: Path) -> None:
    import gettext

    translate(root, "window", 'msgid "Search"\nmsgstr "جست‌وجو"\n')
    written = translations.compile_all(root)
    assert len(written) == 3
    with catalogue(root, "window").with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Search") == "جست‌وجو"
