from pathlib import Path

import pytest
from audited import findings, in_typescript

RULE = "missing-states"


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (
            """
            function Stats() {
              const { data } = useSWR('/stats', load)
              return <p>{data?.total}</p>
            }
            """,
            "no loading and no error",
        ),
        (
            """
            function Stats() {
              const { data, isLoading } = useQuery({ queryKey, queryFn })
              if (isLoading) return <Spinner />
              return <p>{data?.total}</p>
            }
            """,
            "no error",
        ),
        (
            """
            function Stats() {
              const { data: stats, error } = useQuery(options)
              if (error) return <Failed />
              return <p>{stats.total}</p>
            }
            """,
            "no loading",
        ),
        (
            """
            function Stats() {
              const query = useQuery(options)
              return <p>{query.data?.total}</p>
            }
            """,
            "no loading and no error",
        ),
        (
            """
            function Todos() {
              const [todos, setTodos] = useState<Todo[]>([])
              useEffect(() => {
                fetch('/todos').then(read).then(setTodos)
              }, [])
              return <List items={todos} />
            }
            """,
            "no loading and no error",
        ),
        (
            """
            function Todos() {
              const [todos, setTodos] = useState(null)
              useEffect(() => {
                async function load() {
                  try {
                    setTodos(await read(await fetch('/todos')))
                  } catch (error) {
                    console.error(error)
                  }
                }
                load()
              }, [])
              if (!todos) return <p>Loading</p>
              return <List items={todos} />
            }
            """,
            "no error",
        ),
        (
            """
            function Add() {
              const { mutate } = useMutation({ mutationFn: add })
              return <button onClick={() => mutate()}>Add</button>
            }
            """,
            "no error",
        ),
        (
            """
            function Add() {
              async function submit() {
                await fetch('/todos', { method: 'POST' })
                router.push('/')
              }
              return <form onSubmit={submit}></form>
            }
            """,
            "does not say when onSubmit fails",
        ),
    ],
)
def test_state_that_nobody_shows_is_found(tmp_path: Path, code: str, what: str) -> None:
    (found,) = in_typescript(tmp_path, code, RULE)

    assert what in found.message


@pytest.mark.parametrize(
    "code",
    [
        """
        function Stats() {
          const { data, error, isLoading } = useSWR('/stats', load)
          return <p>{data?.total}</p>
        }
        """,
        """
        function Stats() {
          const { data, error } = useQuery(options)
          if (error) return <Failed />
          if (!data) return <Spinner />
          return <p>{data.x}</p>
        }
        """,
        """
        function Stats() {
          const query = useQuery(options)
          return <Shown query={query}>{(data) => <p>{data.x}</p>}</Shown>
        }
        """,
        """
        function Stats() {
          const { data } = useSuspenseQuery(options)
          return <p>{data.x}</p>
        }
        """,
        """
        function useTodos() {
          return useQuery(options)
        }
        const x = <p />
        """,
        """
        function Todos() {
          const [todos, setTodos] = useState<Todo[]>()
          const [failed, setFailed] = useState(false)
          useEffect(() => {
            fetch('/todos').then(read).then(setTodos).catch(() => setFailed(true))
          }, [])
          if (failed) return <Failed />
          if (!todos) return <p>Loading</p>
          return <List items={todos} />
        }
        """,
        """
        function Add() {
          const { mutate, error } = useMutation({ mutationFn: add })
          return <button onClick={() => mutate()}>{error && 'Failed'}</button>
        }
        """,
        """
        function Add() {
          const add = useMutation({ mutationFn, onError: (e) => toast(e.message) })
          return <button onClick={() => add.mutate()}>Add</button>
        }
        """,
        """
        function Add() {
          async function submit() {
            try {
              await fetch('/todos', { method: 'POST' })
            } catch (error) {
              setError(error)
            }
          }
          return <form onSubmit={submit}></form>
        }
        """,
        """
        function Menu() {
          const [open, setOpen] = useState(false)
          return <button onClick={() => setOpen(true)}>Open</button>
        }
        """,
        """
        function Wide() {
          const isWide = useMediaQuery('(min-width: 80rem)')
          return <p>{isWide}</p>
        }
        """,
    ],
)
def test_state_that_is_shown_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, RULE) == []


def test_call_of_another_file_counts_as_a_request(tmp_path: Path) -> None:
    files = {
        "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
        "src/api.ts": "export const remove = (id: string) => fetch(`/todos/${id}`, { method: 'DELETE' })",
        "src/row.tsx": "import { remove } from '@/api'\nexport function Row() {\n"
        "  return <button onClick={() => remove('1')}>Remove</button>\n}",
        "src/other.tsx": "import { remove } from 'lodash'\nexport function Other() {\n"
        "  return <button onClick={() => remove('1')}>Remove</button>\n}",
    }

    assert [one.place.file for one in findings(tmp_path, files, RULE)] == ["src/row.tsx"]


def test_handler_of_all_errors_is_enough(tmp_path: Path) -> None:
    files = {
        "src/queries.ts": "export const queries = new QueryClient({ mutationCache: "
        "new MutationCache({ onError: show }) })",
        "src/add.tsx": "function Add() {\n  const { mutate } = useMutation({ mutationFn: add })\n"
        "  return <button onClick={() => mutate()}>Add</button>\n}",
    }

    assert findings(tmp_path, files, RULE) == []
