"""Who may call a route, and whose data it works on."""

from pathlib import Path
from textwrap import dedent

import pytest
from audited import findings, in_python

APP = """
from typing import Annotated
from fastapi import APIRouter, Body, Cookie, Depends, FastAPI, Form, Header, HTTPException, Query
from pydantic import BaseModel
app = FastAPI()
class NewTodo(BaseModel):
    title: str
    user_id: str
def get_current_user(authorization: str = Header()):
    raise HTTPException(401, 'Sign in')
CurrentUser = Annotated[User, Depends(get_current_user)]
@app.get('/me')
def me(user: CurrentUser): return user
"""


@pytest.mark.parametrize(
    "route",
    [
        """
        @app.delete('/todos/{id}')
        def remove(id: int, db=Depends(get_db)): db.remove(id)
        """,
        """
        @app.post('/todos')
        def create(todo: NewTodo): save(todo)
        """,
        """
        router = APIRouter()
        @router.put('/todos/{id}')
        async def replace(id: int): save(id)
        """,
        """
        @app.api_route('/todos', methods=['PATCH'])
        def change(): save(1)
        """,
    ],
)
def test_write_without_identity_is_found(tmp_path: Path, route: str) -> None:
    (found,) = in_python(tmp_path, APP + dedent(route), "route-without-identity")

    assert found.severity == "error"
    assert "Anybody may call" in found.message


@pytest.mark.parametrize(
    "route",
    [
        """
        @app.delete('/todos/{id}')
        def remove(id: int, user: CurrentUser): save(user)
        """,
        """
        @app.delete('/todos/{id}', dependencies=[Depends(get_current_user)])
        def remove(id): save(id)
        """,
        """
        @app.post('/login')
        def login(form: Form): save(form)
        """,
        """
        @app.get('/todos')
        def find(): return []
        """,
        """
        router = APIRouter(dependencies=[Depends(get_current_user)])
        @router.post('/todos')
        def create(todo: NewTodo): save(todo)
        """,
        """
        def owned(id: int, user: CurrentUser): return id
        @app.delete('/todos/{id}')
        def remove(todo=Depends(owned)): save(todo)
        """,
        """
        @app.post('/todos')
        def create(key: str = Header()):
            if key != secret:
                raise HTTPException(403, 'No')
        """,
        """
        router = APIRouter()
        @router.post('/todos')
        def create(todo: NewTodo): save(todo)
        app.include_router(router, dependencies=[Depends(get_current_user)])
        """,
        """
        @app.post('/old')
        def moved():
            return RedirectResponse('/todos', status_code=308)
        """,
        """
        def require_key(key):
            raise HTTPException(401, 'No')
        @app.post('/todos')
        def create(todo: NewTodo, key: str):
            require_key(key)
        """,
    ],
)
def test_write_that_asks_is_left(tmp_path: Path, route: str) -> None:
    assert in_python(tmp_path, APP + dedent(route), "route-without-identity") == []


def test_application_without_any_identity_is_left(tmp_path: Path) -> None:
    code = "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/todos')\ndef create(x: X): save(x)"

    assert in_python(tmp_path, code, "route-without-identity") == []


def test_applications_of_one_repository_are_judged_apart(tmp_path: Path) -> None:
    files = {
        "shop/app.py": APP,
        "example/app.py": "from fastapi import FastAPI\napp = FastAPI()\n"
        "@app.post('/todos')\ndef create(x: X): save(x)",
    }

    assert findings(tmp_path, files, "route-without-identity") == []


def test_router_protected_where_it_is_included_is_left(tmp_path: Path) -> None:
    files = {
        "app/main.py": "from fastapi import Depends, FastAPI\nfrom app.routers import todos\n"
        "from app.security import get_current_user\napp = FastAPI()\n"
        "app.include_router(todos.router, dependencies=[Depends(get_current_user)])",
        "app/routers/todos.py": "from fastapi import APIRouter\nrouter = APIRouter()\n"
        "@router.delete('/todos/{id}')\ndef remove(id: int): drop(id)",
    }

    assert findings(tmp_path, files, "route-without-identity") == []


@pytest.mark.parametrize(
    "route",
    [
        """
        @app.post('/todos')
        def create(todo: NewTodo, user: CurrentUser): save(todo.user_id)
        """,
        """
        @app.post('/import')
        def load(user_id: str = Form(), user=Depends(get_current_user)): save(user_id)
        """,
        """
        @app.put('/todos')
        def put(owner_id: Annotated[str, Body()], user: CurrentUser): save(owner_id)
        """,
        """
        @app.post('/predict')
        def predict(organisation_id: str, user: CurrentUser): save(organisation_id)
        """,
    ],
)
def test_identity_from_the_input_is_found(tmp_path: Path, route: str) -> None:
    (found,) = in_python(tmp_path, APP + dedent(route), "identity-from-input")

    assert found.severity == "error"


@pytest.mark.parametrize(
    "route",
    [
        """
        @app.post('/todos')
        def create(todo: NewTodo, user: CurrentUser): save(user.id, todo.title)
        """,
        """
        @app.get('/users/{user_id}')
        def find(user_id: str, user: CurrentUser): return load(user_id)
        """,
        """
        @app.post('/todos')
        def create(todo: NewTodo, user: CurrentUser):
            if todo.user_id != user.id:
                raise HTTPException(403, 'No')
            save(todo.user_id)
        """,
        """
        @app.post('/todos')
        def create(user_id: Annotated[str, Depends(get_current_user)]): save(user_id)
        """,
        """
        @app.post('/admin/todos')
        def create(todo: NewTodo, user: CurrentUser): save(todo.user_id)
        """,
        """
        @app.post('/teams/{id}/members')
        def add(id: int, member: NewTodo, user: CurrentUser): save(member.user_id)
        """,
        """
        @app.post('/todos')
        def create(todo: NewTodo, user: CurrentUser): save(owner_for(todo.user_id, user))
        """,
    ],
)
def test_identity_from_the_session_is_left(tmp_path: Path, route: str) -> None:
    assert in_python(tmp_path, APP + dedent(route), "identity-from-input") == []


@pytest.mark.parametrize(
    "code",
    [
        """
        @app.get('/stats')
        def stats(): return get(url, headers={'apikey': SERVICE_ROLE_KEY})
        """,
        """
        supabase = create_client(URL, SUPABASE_SERVICE_ROLE_KEY)
        @app.get('/stats')
        def stats(): return supabase.table('x').select('*').execute()
        """,
        """
        def all_rows(): return supabase_admin.table('x').select('*')
        @app.get('/stats')
        def stats(): return all_rows()
        """,
    ],
)
def test_service_role_that_anybody_reaches_is_found(tmp_path: Path, code: str) -> None:
    (found,) = in_python(tmp_path, APP + dedent(code), "service-role-without-identity")

    assert found.subject == "GET /stats"


@pytest.mark.parametrize(
    "code",
    [
        """
        @app.get('/stats')
        def stats(user: CurrentUser): return get(url, key=SERVICE_ROLE_KEY)
        """,
        """
        supabase = create_client(URL, SUPABASE_ANON_KEY)
        @app.get('/stats')
        def stats(): return supabase.table('x').select('*').execute()
        """,
        """
        def nightly(): return get(url, key=SERVICE_ROLE_KEY)
        @app.get('/stats')
        def stats(): return 1
        """,
    ],
)
def test_service_role_behind_identity_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, APP + dedent(code), "service-role-without-identity") == []


@pytest.mark.parametrize(
    "route",
    [
        """
        @app.get('/todos/{id}')
        def read(id: int, user: CurrentUser, db=Depends(get_db)):
            return db.get(Todo, id)
        """,
        """
        @app.post('/versions/{id}/live')
        def live(id, user=Depends(get_current_user), db=Depends(get_db)):
            db.execute('update versions set live = true where id = %s', [id])
        """,
        """
        @app.delete('/todos/{id}')
        def remove(id: int, current_user: CurrentUser, s: Session):
            s.delete(s.query(Todo).filter_by(id=id).one())
        """,
    ],
)
def test_caller_that_is_never_used_is_found(tmp_path: Path, route: str) -> None:
    assert len(in_python(tmp_path, APP + dedent(route), "ownership-unchecked")) == 1


@pytest.mark.parametrize(
    "route",
    [
        """
        @app.get('/todos/{id}')
        def read(id: int, user: CurrentUser, db=Depends(get_db)):
            return db.query(Todo).filter_by(id=id, owner=user.id).first()
        """,
        """
        @app.get('/todos/{id}')
        def read(id: int, user: CurrentUser):
            return load(user, id)
        """,
        """
        @app.get('/todos')
        def find(user: CurrentUser, db=Depends(get_db)):
            return db.query(Todo)
        """,
        """
        @app.get('/admin/todos/{id}')
        def read(id: int, admin=Depends(require_admin), db=Depends(get_db)):
            return db.get(Todo, id)
        """,
        """
        @app.get('/roles/{id}')
        def read(id: int, _user: CurrentUser, db=Depends(get_db)):
            return db.get(Role, id)
        """,
    ],
)
def test_caller_that_is_used_is_left(tmp_path: Path, route: str) -> None:
    assert in_python(tmp_path, APP + dedent(route), "ownership-unchecked") == []


CORS = "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\napp = FastAPI()\n"


@pytest.mark.parametrize(
    "settings",
    [
        "allow_origins=['*'], allow_credentials=True",
        "allow_origin_regex='.*', allow_credentials=True",
        "allow_origin_regex=r'https?://.*', allow_credentials=True, allow_methods=['*']",
        "allow_origins=origins, allow_credentials=True",
    ],
)
def test_open_cors_is_found(tmp_path: Path, settings: str) -> None:
    code = f"{CORS}origins = ['*']\napp.add_middleware(CORSMiddleware, {settings})"

    assert len(in_python(tmp_path, code, "open-cors")) == 1


@pytest.mark.parametrize(
    "settings",
    [
        "allow_origins=['https://shop.example'], allow_credentials=True",
        "allow_origins=['*']",
        r"allow_origin_regex=r'https://.*\.shop\.example', allow_credentials=True",
        "allow_origins=settings.origins, allow_credentials=True",
    ],
)
def test_closed_cors_is_left(tmp_path: Path, settings: str) -> None:
    code = f"{CORS}app.add_middleware(CORSMiddleware, {settings})"

    assert in_python(tmp_path, code, "open-cors") == []
