from pathlib import Path

import pytest
from audited import in_python, in_typescript

RULE = "race-condition"


@pytest.mark.parametrize(
    "code",
    [
        """
        function Search({ text }) {
          const [found, setFound] = useState([])
          useEffect(() => {
            fetch(`/search?q=${text}`).then(read).then(setFound)
          }, [text])
          return <p />
        }
        """,
        """
        function Search({ text }) {
          const [found, setFound] = useState([])
          useEffect(() => {
            async function search() {
              const res = await fetch(`/search?q=${text}`)
              setFound(await read(res))
            }
            search()
          }, [text])
          return <p />
        }
        """,
        """
        function Search() {
          const [found, setFound] = useState([])
          async function search(event) {
            const res = await fetch(`/?q=${event.target.value}`)
            setFound(await read(res))
          }
          return <input onChange={search} />
        }
        """,
        """
        function List() {
          const [todos, setTodos] = useState([])
          async function add(todo) {
            const made = await read(await fetch('/todos', { method: 'POST' }))
            setTodos([...todos, made])
          }
          return <p />
        }
        """,
        """
        async function register(email) {
          const existing = await prisma.user.findUnique({ where: { email } })
          if (existing) return refuse()
          return prisma.user.create({ data: { email } })
        }
        """,
    ],
)
def test_race_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_typescript(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        function Search({ text }) {
          const [found, setFound] = useState([])
          useEffect(() => {
            const controller = new AbortController()
            fetch(`/?q=${text}`, { signal: controller.signal }).then(read).then(setFound)
            return () => controller.abort()
          }, [text])
          return <p />
        }
        """,
        """
        function Search({ text }) {
          const [found, setFound] = useState([])
          useEffect(() => {
            let ignore = false
            fetch(`/?q=${text}`).then(read).then((items) => { if (!ignore) setFound(items) })
            return () => { ignore = true }
          }, [text])
          return <p />
        }
        """,
        """
        function All() {
          const [found, setFound] = useState([])
          useEffect(() => {
            fetch('/todos').then(read).then(setFound)
          }, [])
          return <p />
        }
        """,
        """
        function List() {
          const [todos, setTodos] = useState([])
          async function add(todo) {
            const made = await read(await fetch('/todos', { method: 'POST' }))
            setTodos((current) => [...current, made])
          }
          return <p />
        }
        """,
        """
        function Field() {
          const [text, setText] = useState('')
          return <input onChange={(event) => setText(event.target.value)} />
        }
        """,
        """
        async function register(email) {
          return prisma.user.upsert({ where: { email }, create: { email }, update: {} })
        }
        """,
        """
        async function register(email) {
          const existing = await prisma.user.findUnique({ where: { email } })
          if (existing) return
          try { await prisma.user.create({ data: { email } }) } catch (error) { conflict(error) }
        }
        """,
    ],
)
def test_code_that_is_safe_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, RULE) == []


@pytest.mark.parametrize(
    "code",
    [
        """
        def register(db, email):
            found = db.execute('select id from users where email = %s').fetchone()
            if found:
                raise Taken
            db.execute('insert into users (email) values (%s)')
        """,
        """
        def register(session, email):
            user = session.query(User).filter_by(email=email).first()
            if user:
                raise Taken
            session.add(User(email=email))
            session.commit()
        """,
        """
        def register(db, data):
            if db.scalar(select(User).where(User.email == data.email)):
                raise Taken
            user = User(email=data.email)
            db.add(user)
            db.commit()
        """,
        """
        def visit(db):
            row = db.execute('select visits from pages where id = 1').fetchone()
            db.execute('update pages set visits = %s where id = 1', [row['visits'] + 1])
        """,
        """
        def pay(session, id, amount):
            account = session.get(Account, id)
            account.balance -= amount
            session.commit()
        """,
    ],
)
def test_python_race_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_python(tmp_path, code, RULE)) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        def register(db, email):
            db.execute('insert into users (email) values (%s) on conflict do nothing')
        """,
        """
        def register(session, email):
            if session.query(User).filter_by(email=email).first():
                raise Taken
            session.add(User(email=email))
            try:
                session.commit()
            except IntegrityError:
                raise Taken from None
        """,
        """
        def visit(db):
            row = db.execute('select visits from pages where id = 1 for update').fetchone()
            db.execute('update pages set visits = %s where id = 1', [row['visits'] + 1])
        """,
        """
        def visit(db):
            db.execute('update pages set visits = visits + 1 where id = 1')
        """,
        """
        def add(session, owner_id):
            owner = session.query(User).filter_by(id=owner_id).first()
            if owner is None:
                raise Missing
            session.add(Todo(owner=owner))
            session.commit()
        """,
        """
        def count(items):
            total = Total()
            total.value += len(items)
            return total
        """,
    ],
)
def test_python_code_that_is_safe_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, code, RULE) == []
