"""What the search takes for the same word, asked of the modules that the site publishes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from theme.hooks.assets import SOURCE, Assets

Ask = Callable[..., Any]

FORMS = {
    "sr": [
        ("lozinka", "lozinaka"),
        ("korisnik", "korisnici"),
        ("podatak", "podaci"),
        ("nalog", "nalozima"),
        ("promena", "promenjen"),
        ("domen", "domenom"),
        ("promena", "promijeniti"),
        ("poslati", "pošaljem"),
        ("pronaći", "pronađem"),
    ],
    "hu": [
        ("fiók", "fiókomat"),
        ("jelszó", "jelszavamat"),
        ("töröl", "törlés"),
        ("kérelem", "kérelmek"),
        ("felhasználó", "felhasználóknak"),
        ("domain", "domainjeimet"),
    ],
    "es": [
        ("contraseña", "contraseñas"),
        ("recuerdo", "recordar"),
        ("eliminar", "eliminarlo"),
        ("factura", "facturación"),
        ("busco", "busquen"),
        ("titular", "titulares"),
        ("doy", "dar"),
        ("abierto", "abrir"),
    ],
}
OTHERS = {
    "sr": [("nalog", "plavog"), ("kontakt", "kontrola"), ("poziv", "pošta"), ("račun", "razlog")],
    "hu": [("jelszó", "jelentés"), ("fiók", "fizetés"), ("számla", "számítógép"), ("tárhely", "társ")],
    "es": [("contacto", "contrato"), ("dominio", "domingo"), ("correo", "corte"), ("ticket", "tienda")],
}
PAIRS = [
    pytest.param(language, *pair, are_forms, id="-".join(pair))
    for table, are_forms in ((FORMS, True), (OTHERS, False))
    for language, pairs in table.items()
    for pair in pairs
]


@pytest.fixture(scope="module")
def ask(browser: Browser, origin: str) -> Iterator[Ask]:
    """Evaluates an expression over the modules' exports, `args` being the arguments; on one page for all tests."""
    assets = Assets(SOURCE)
    modules = [f"/{assets.url(name)}" for name in ("folding.js", "grammar.js", "vocabulary.js")]
    page = browser.new_page()
    page.goto(origin)

    def evaluate(expression: str, *args: Any) -> Any:
        script = f"""async ([modules, args]) => {{
            const loaded = await Promise.all(modules.map((module) => import(module)));
            const {{ folded, words, areRelated, GRAMMARS, Vocabulary, distance }} = Object.assign({{}}, ...loaded);
            return {expression};
        }}"""
        return page.evaluate(script, [modules, args])

    yield evaluate
    page.close()


@pytest.mark.parametrize(("language", "one", "other", "are_forms"), PAIRS)
def test_forms_of_a_word_are_told_from_other_words(
    ask: Ask, language: str, one: str, other: str, are_forms: bool
) -> None:
    related = "((one, other) => areRelated(GRAMMARS[args[0]], folded(one), folded(other)))"
    assert ask(f"{related}(args[1], args[2])", language, one, other) is are_forms
    assert ask(f"{related}(args[2], args[1])", language, one, other) is are_forms


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Đorđević", "dordevic"),
        ("Djordjevic", "dordevic"),
        ("Dordevic", "dordevic"),
        ("Ђорђевић", "dordevic"),
        ("Његошева", "njegoseva"),
        ("џез", "dzez"),
        ("Előfizetés", "elofizetes"),
        ("tűzfal", "tuzfal"),
        ("CONTRASEÑA", "contrasena"),
        ("pingüino", "pinguino"),
        ("e-mail", "email"),
    ],
)
def test_a_word_compares_however_it_is_written(ask: Ask, written: str, compared: str) -> None:
    assert ask("words(args[0]).map(folded)", written) == [compared]


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        ("lozinka", "lozinka", 0),
        ("lozinka", "lozinkka", 1),
        ("lozinka", "lzinka", 1),
        ("lozinka", "lozimka", 1),
        ("lozinka", "loiznka", 1),
        ("lozinka", "olzinak", 2),
        ("lozinka", "ozinak", 2),
        ("lozinka", "kontakt", None),
    ],
)
def test_letters_that_are_wrong_are_counted_as_far_as_two(
    ask: Ask, one: str, other: str, wrong: int | None
) -> None:
    """None is for words that are farther apart."""
    counted = "[distance(args[0], args[1], 2)].map((count) => (count === Infinity ? null : count))[0]"
    assert ask(counted, one, other) == wrong
    assert ask(counted, other, one) == wrong


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("fiokbeallitas", ["fiok", "beallitas"]),
        ("beallitasfiok", ["beallitas", "fiok"]),
        ("fiokbeallitasok", ["fiok", "beallitasok"]),
        ("fiokmadar", None),
        ("fiok", None),
    ],
)
def test_a_compound_of_two_known_words_has_parts(ask: Ask, word: str, parts: list[str] | None) -> None:
    index = "{ articles: [], words: 'fiók beállítás', often: '11', pieces: [], synonyms: {} }"
    assert ask(f"new Vocabulary({index}, 'hu').partsOf(args[0])", word) == parts
