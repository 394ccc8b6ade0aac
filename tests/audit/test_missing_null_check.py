from pathlib import Path

import pytest
from audited import in_python, in_typescript

RULE = "missing-null-check"


@pytest.mark.parametrize(
    "code",
    [
        """
        function Stats() {
          const { data } = useQuery(options)
          return <p>{data.total}</p>
        }
        """,
        """
        function Stats() {
          const { data: stats } = useSWR(key, load)
          return <p>{stats.total}</p>
        }
        """,
        """
        function Stats() {
          const { data } = useQuery(options)
          return <p>{data!.total}</p>
        }
        """,
        """
        function Stats() {
          const [user, setUser] = useState<User | null>(null)
          return <p>{user!.name}</p>
        }
        """,
        """
        function Stats() {
          const [user, setUser] = useState(null)
          return <p>{user.name}</p>
        }
        """,
        """
        const id = localStorage.getItem('id') as string
        fetch(id)
        """,
        """
        const id = searchParams.get('id')!
        fetch(id)
        """,
        """
        const todos = await read(await fetch(u))
        const title = todos.find((t) => t.done).title
        """,
    ],
)
def test_value_that_may_not_be_there_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_typescript(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        function Stats() {
          const { data } = useQuery(options)
          return <p>{data?.total}</p>
        }
        """,
        """
        function Stats() {
          const { data } = useQuery(options)
          if (!data) return null
          return <p>{data.total}</p>
        }
        """,
        """
        function Stats() {
          const { data, isPending } = useQuery(options)
          if (isPending) return null
          return <p>{data.total}</p>
        }
        """,
        """
        function Stats() {
          const { data } = useQuery(options)
          return data ? <p>{data.x}</p> : null
        }
        """,
        """
        function Stats() {
          const { data } = useQuery(options)
          return <>{data && <p>{data.x}</p>}</>
        }
        """,
        """
        function Stats() {
          const { data = empty } = useQuery(options)
          return <p>{data.x}</p>
        }
        """,
        """
        function Stats() {
          const { data } = useSuspenseQuery(options)
          return <p>{data.x}</p>
        }
        """,
        """
        const canvas = document.querySelector('canvas')!
        fetch(u)
        """,
        """
        const id = localStorage.getItem('id') ?? ''
        fetch(id)
        """,
        """
        const title = todos.find((t) => t.done)?.title
        fetch(u)
        """,
        """
        function Stats() {
          const [user, setUser] = useState<User | null>(null)
          return <p>{user?.name}</p>
        }
        """,
    ],
)
def test_value_that_is_asked_for_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, RULE) == []


SQL = "'select * from todos where id = %s'"


@pytest.mark.parametrize(
    "code",
    [
        f"def f(db):\n    row = db.execute({SQL}, [1]).fetchone()\n    return row['title']",
        f"def f(db):\n    return db.execute({SQL}, [1]).fetchone()['title']",
        """
        def f(session):
            return session.query(Todo).filter_by(id=1).first().title
        """,
        """
        async def f(session):
            todo = (await session.execute(select(Todo))).scalar_one_or_none()
            return todo.title
        """,
        """
        def f(request):
            return request.headers.get('authorization').split()
        """,
        f"def f(cursor):\n    cursor.execute({SQL}, [1])\n    row = cursor.fetchone()\n    return row[0]",
    ],
)
def test_python_value_that_may_be_none_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_python(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        (
            f"def f(db):\n    row = db.execute({SQL}, [1]).fetchone()\n    if row is None:\n"
            "        raise Missing\n    return row['title']"
        ),
        """
        def f(db):
            return db.execute('select count(*) from todos').fetchone()[0]
        """,
        """
        def f(db):
            return db.execute('insert into t values (1) returning id').fetchone()[0]
        """,
        """
        def f(session):
            todo = session.query(Todo).first()
            return todo and todo.title
        """,
        """
        def f(request):
            return request.headers.get('authorization', '').split()
        """,
        """
        def f(paths):
            return paths.first().title
        """,
        """
        def f(db, statement):
            return db.execute(statement).fetchone()[0]
        """,
        f"def f(db):\n    if row := db.execute({SQL}).fetchone():\n        return row['title']",
    ],
)
def test_python_value_that_is_asked_for_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, code, RULE) == []
