"""A changed stylesheet or module gets a new name, so that no browser keeps an old one."""

from pathlib import Path

import pytest

from theme.hooks.assets import Assets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page that imports a form, which imports words."""
    (tmp_path / "site.css").write_text(":root { --ink: #000 }")
    (tmp_path / "card.css").write_text(".do { color: var(--ink) }")
    (tmp_path / "page.js").write_text("import { send } from './form.js';\nimport './form.js';\nsend();\n")
    (tmp_path / "form.js").write_text('import {\n  say,\n} from "./words.js";\nexport const send = say;\n')
    (tmp_path / "words.js").write_text("export const say = () => {};\n")
    (tmp_path / "icon.svg").write_text("<svg/>")
    return tmp_path


def test_stylesheets_become_one_file(folder: Path) -> None:
    assets = Assets(folder)
    css = assets.contents[assets.names["site.css"]].decode()
    assert css.index("--ink: #000") < css.index(".do")
    assert "card.css" not in assets.names


def test_imports_lead_to_the_published_names(folder: Path) -> None:
    assets = Assets(folder)
    page = assets.contents[assets.names["page.js"]].decode()
    assert page.count(f"'./{assets.names['form.js']}'") == 2
    assert f'"./{assets.names["words.js"]}"' in assets.contents[assets.names["form.js"]].decode()


def test_a_page_preloads_what_its_modules_import(folder: Path) -> None:
    assets = Assets(folder)
    assert assets.scripts == ["page.js"]
    assert assets.preloads == ["form.js", "words.js"]


def test_a_module_imported_on_demand_is_published_and_not_preloaded(folder: Path) -> None:
    (folder / "words.js").write_text("export const say = () => import('./search.js');\n")
    (folder / "search.js").write_text("export {};\n")
    assets = Assets(folder)
    assert "search.js" not in assets.scripts + assets.preloads
    assert f"import('./{assets.names['search.js']}')" in assets.contents[assets.names["words.js"]].decode()


def test_a_change_renames_the_module_and_all_that_import_it(folder: Path) -> None:
    before = Assets(folder).names
    (folder / "words.js").write_text("export const say = () => 1;\n")
    after = Assets(folder).names
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"words.js", "form.js", "page.js"}


def test_modules_that_import_each_other_are_refused(folder: Path) -> None:
    (folder / "words.js").write_text("import { send } from './form.js';\n")
    with pytest.raises(ValueError, match=r"form\.js imports itself"):
        Assets(folder)


def test_an_import_of_nothing_is_refused(folder: Path) -> None:
    (folder / "words.js").write_text("import './gone.js';\n")
    with pytest.raises(ValueError, match=r"words\.js imports gone\.js"):
        Assets(folder)
