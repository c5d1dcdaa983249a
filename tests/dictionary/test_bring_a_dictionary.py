"""Bringing a dictionary from another project or a file, and taking it away as a file."""

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from marketing_app.database import db
from marketing_app.dictionary.files import read_dictionary, write_dictionary
from marketing_app.dictionary.rules import described
from marketing_app.dictionary.services import KnownField, as_known, fields_of, standard_fields
from marketing_app.models import AuditEntry, FieldType, Project, Sensitivity, User
from tests.factories import a_field, a_project, a_user

BANDS = [{"upto": 50_000, "words": "low"}, {"upto": 150_000.5, "words": ""}, {"upto": None, "words": "high"}]


@pytest.fixture(params=["manager", "performer"])
def person(client: FlaskClient, request: pytest.FixtureRequest) -> User:
    user = a_user(request.param, language="en")
    client.sign_in(user)
    return user


@pytest.fixture
def project(person: User) -> Project:
    return a_project(person) if person.name == "manager" else a_project(None, person)


def address(project: Project, *parts: object) -> str:
    return "/".join(map(str, [f"/projects/{project.id}/dictionary", *parts]))


def send(client: FlaskClient, project: Project, way: str, **values: Any) -> Any:
    """Send the form after a look at what will change, as the page does."""
    return client.post(address(project, way), data=again(values) | {"state": look(client, project, way, **values)[1]})


def look(client: FlaskClient, project: Project, way: str, **values: Any) -> tuple[str, str]:
    """What would change, and the state that stands for it; a refused form has none."""
    page = client.post(address(project, way, "look"), data=again(values)).get_data(as_text=True)
    found = re.search(r'name="state" value="(\w+)"', page)
    return page, found[1] if found else ""


def again(values: dict[str, Any]) -> dict[str, Any]:
    """The values for one more request: a sent file is read to its end."""
    content = values.get("file")
    return values | ({"file": (io.BytesIO(content), "dictionary")} if content is not None else {})


def csv_of(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def labels(project: Project) -> dict[str, str]:
    return {own.key: own.label for own in fields_of(project)}


def known(project: Project) -> list[KnownField]:
    return [as_known(own) for own in fields_of(project)]


def test_what_is_missing_is_copied(client: FlaskClient, project: Project, person: User) -> None:
    a_field(project, "age", label="my age")
    source = a_project(person)
    a_field(source, "age", label="their age")
    a_field(source, "salary", label="salary", bands=BANDS, position=3)
    page, _state = look(client, project, "copy", source=source.id, mode="keep")
    assert "1 field is added" in page and "1 more field stays" in page and labels(project) == {"age": "my age"}
    assert send(client, project, "copy", source=source.id, mode="keep").status_code == 303
    assert labels(project) == {"age": "my age", "salary": "salary"}
    assert known(project)[1] == known(source)[1]


def test_the_same_key_is_overwritten_if_asked(client: FlaskClient, project: Project, person: User) -> None:
    a_field(project, "age", label="my age", sensitivity=Sensitivity.SECRET, is_in_prompt=False)
    source = a_project(person)
    a_field(source, "age", label="their age", codes={})
    page, _state = look(client, project, "copy", source=source.id, mode="overwrite")
    assert "What it means: my age → their age" in page and "secret, never in a prompt → personal" in page
    assert send(client, project, "copy", source=source.id, mode="overwrite").status_code == 303
    assert known(project) == known(source)
    line = db.session.scalars(db.select(AuditEntry).where(AuditEntry.object_type != "user")).one()
    assert line.changes["sensitivity"] == ["secret", "personal"]


@pytest.mark.parametrize("changed", ["here", "there"])
def test_a_dictionary_that_changed_since_the_look_is_shown_again(
    client: FlaskClient, project: Project, person: User, changed: str
) -> None:
    source = a_project(person)
    a_field(source, "age", label="their age")
    _page, state = look(client, project, "copy", source=source.id, mode="keep")
    a_field(project if changed == "here" else source, "income", label="income")
    answer = client.post(address(project, "copy"), data={"source": source.id, "mode": "keep", "state": state})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "is not what you looked at" in page and "age" not in labels(project)
    newest = re.search(r'name="state" value="(\w+)"', page)
    assert newest
    again = client.post(address(project, "copy"), data={"source": source.id, "mode": "keep", "state": newest[1]})
    assert again.status_code == 303 and "age" in labels(project)


def test_only_ones_own_projects_are_copied_from(client: FlaskClient, project: Project) -> None:
    foreign = a_project(name="Чужой проект")
    a_field(foreign, "age", label="their age")
    assert "Чужой проект" not in client.get(address(project, "bring")).get_data(as_text=True)
    for path in ("copy", "copy/look"):
        answer = client.post(address(project, path), data={"source": foreign.id, "mode": "keep"})
        assert answer.status_code == 422 and "their age" not in answer.get_data(as_text=True)


def test_a_dictionary_goes_away_as_a_file_and_comes_back(client: FlaskClient, project: Project, person: User) -> None:
    a_field(project, "salary", label="salary; before tax", bands=BANDS)
    a_field(project, "gender", type=FieldType.CODE, codes={"0": "male", "1": "female = she"}, position=1)
    a_field(project, "secret", sensitivity=Sensitivity.SECRET, is_in_prompt=False, position=2)
    a_field(project, "debt", lowest="-0.5", highest="100", position=3)
    a_field(project, "born", type=FieldType.DATE, lowest="1900-01-01", highest="today", position=4)
    file = client.get(address(project, "file")).data
    other = a_project(person)
    assert send(client, other, "file", file=file, mode="keep").status_code == 303
    assert known(other) == known(project)
    assert "Nothing would change" in look(client, project, "file", file=file, mode="overwrite")[0]


def test_a_spreadsheet_is_read_too(client: FlaskClient, project: Project) -> None:
    book = openpyxl.Workbook()
    assert book.active
    book.active.append(["key", "meaning", "type", "in_prompt", "codes"])
    book.active.append(["car", "owns a car", "code", True, "0 = no\n1 = yes"])
    book.active.append([7, "number seven", "integer", False, None])
    content = io.BytesIO()
    book.save(content)
    assert send(client, project, "file", file=content.getvalue(), mode="keep").status_code == 303
    car, seven = known(project)
    assert (car.codes, car.is_in_prompt, car.sensitivity) == ({"0": "no", "1": "yes"}, True, Sensitivity.PERSONAL)
    assert (seven.key, seven.type, seven.is_in_prompt) == ("7", FieldType.INTEGER, False)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_banks_own_form_is_read(client: FlaskClient, person: User, language: str) -> None:
    project = a_project(person, language=language)
    lines = [
        "key,meaning_ru,meaning_en,type,empty_share,values,sensitivity,literal_in_offer",
        'gender,пол,gender,code,0.42,"0 = мужской, 1 = женский",personal,form of address only',
        "debt,долг,debt,decimal as text,0.94,0.000000 to 420999.520000,secret,never",
        "visits,цель,purpose,code,0.85,DCARD DEPOSIT and two more,behaviour,hint only",
        "job,должность,job level,text,0.9,many,personal,never",
    ]
    assert send(client, project, "file", file=csv_of(*lines), mode="keep").status_code == 303
    gender, debt, visits, job = known(project)
    assert gender.label == {"ru": "пол", "en": "gender"}[language]
    assert gender.codes == {"0": "мужской", "1": "женский"} and gender.is_in_prompt
    assert debt.type is FieldType.DECIMAL and not debt.is_in_prompt
    assert visits.codes == {} and visits.is_in_prompt and not job.is_in_prompt


def test_what_a_file_has_no_column_for_stays(client: FlaskClient, project: Project) -> None:
    a_field(project, "salary", label="before", bands=BANDS, sensitivity=Sensitivity.BEHAVIOUR, highest="9")
    send(client, project, "file", file=csv_of("key,meaning", "salary,after", "other,new"), mode="overwrite")
    salary, other = known(project)
    assert salary.label == "after" and salary.bands == BANDS and salary.sensitivity is Sensitivity.BEHAVIOUR
    assert salary.highest == "9"
    assert (other.type, other.sensitivity, other.is_in_prompt) == (FieldType.TEXT, Sensitivity.PERSONAL, False)


WRONG = [
    ("age,,integer,personal,yes,,", "“What it means” is empty"),
    (",age,integer,personal,yes,,", "“Key” is empty"),
    ("age,age,money,personal,yes,,", "“Type” cannot be “money”"),
    ("age,age,integer,public,yes,,", "“Sensitivity” cannot be “public”"),
    ("age,age,integer,personal,maybe,,", "“In the prompt” cannot be “maybe”"),
    ("age,age,code,personal,yes,0 male,", "both a value and a meaning"),
    ("age,age,integer,personal,yes,,5 = low", "The last band has no end"),
    ("age,age,integer,personal,yes,,9 = low; 5 = high; more = x", "do not rise"),
    ("first,age,integer,personal,yes,,", "comes twice"),
    ("age,age,integer,personal,yes,,,low", "“low” is not a value of the field’s type"),
    ("age,age,integer,personal,yes,,,9,5", "The likely values end before they begin"),
]


@pytest.mark.parametrize(("line", "said"), WRONG)
def test_a_wrong_line_is_named_and_nothing_is_taken(
    client: FlaskClient, project: Project, line: str, said: str
) -> None:
    header = "key,meaning,type,sensitivity,in_prompt,codes,bands,lowest,highest"
    content = csv_of(header, "first,first,integer,personal,yes,,", line)
    for path in ("file", "file/look"):
        answer = client.post(address(project, path), data=again({"file": content, "mode": "keep"}))
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422 and "Line 3: " in page and said in page
    assert labels(project) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (csv_of("name,meaning", "age,age"), "has no column “key”"),
        (csv_of("key,meaning", "age,a\0ge"), "Row 2: The row has a NUL character"),
        (csv_of("key,meaning", 'age,"age', 'town,"town'), "Row 2: A cell holds what looks like further rows"),
        (csv_of("key,type", "age,text"), "has no column “meaning”"),
        (b"", "empty"),
        (b"%PDF-1.7 \x00\x01\x02", ""),
    ],
)
def test_what_is_no_dictionary_is_refused(client: FlaskClient, project: Project, content: bytes, said: str) -> None:
    answer = client.post(address(project, "file"), data=again({"file": content, "mode": "keep"}))
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert labels(project) == {}


def test_no_file_is_asked_for(client: FlaskClient, project: Project) -> None:
    answer = client.post(address(project, "file"), data={"mode": "keep"})
    assert answer.status_code == 422 and "Choose a file." in answer.get_data(as_text=True)


def test_an_archived_project_takes_nothing(client: FlaskClient, project: Project, person: User) -> None:
    source = a_project(person)
    a_field(source, "age")
    project.is_archived = True
    db.session.commit()
    assert send(client, project, "copy", source=source.id, mode="keep").status_code == 409
    assert send(client, project, "file", file=csv_of("key,meaning", "age,age"), mode="keep").status_code == 409
    assert labels(project) == {}
    assert client.get(address(project, "file")).status_code == 200


plain = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=";="), min_size=1, max_size=8)
meanings = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=";"), min_size=1, max_size=8)
ends = st.sets(st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e6, 1e6)), min_size=1, max_size=4)


@st.composite
def a_described(draw: st.DrawFn) -> KnownField:
    bands = [{"upto": end, "words": draw(st.one_of(st.just(""), meanings))} for end in sorted(draw(ends))]
    return described(
        draw(meanings),
        draw(meanings),
        draw(st.sampled_from(FieldType)),
        draw(st.dictionaries(plain, meanings, max_size=4)),
        draw(st.sampled_from(Sensitivity)),
        draw(st.booleans()),
        [*bands, {"upto": None, "words": draw(st.one_of(st.just(""), meanings))}],
    )


@given(st.lists(a_described(), min_size=1, max_size=5, unique_by=lambda field: field.key))
def test_whatever_is_written_is_read_back(fields: list[KnownField]) -> None:
    assert read_dictionary(io.BytesIO(write_dictionary(fields).encode()), "ru", {}) == fields


def test_a_spreadsheet_runs_nothing_of_a_dictionary() -> None:
    field = described("=1+1", "@SUM(A1)", FieldType.TEXT, {}, Sensitivity.OPEN, True, [])
    assert not re.search(r'(^|;)"[=@+-]', write_dictionary([field]), re.MULTILINE)


def test_the_banks_dictionary_is_what_projects_start_from(root: Path) -> None:
    """The file of which ours was made, where it is at hand, says the same of every field."""
    file = root.parent / "shared" / "data" / "client_fields.csv"
    if not file.exists():
        pytest.skip("the bank's own file is not here")
    standard = {field.key: field for field in standard_fields("ru")}
    with file.open("rb") as content:
        assert read_dictionary(content, "ru", standard) == list(standard.values())  # type: ignore[arg-type]
