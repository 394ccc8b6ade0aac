"""What is wrong with a call is found, and what is right is left alone."""

from pathlib import Path

from lockstitch.contract.usage import RULES
from tests.contract.usage.tasks import contract
from tests.contract.usage.written import findings_of, told


def test_a_camel_case_member_that_is_sent_is_found_with_the_name_that_is_expected(
    tmp_path: Path,
) -> None:
    code = """
        export const create = (title: string, day: string) =>
          fetch('/api/tasks', {
            method: 'POST',
            body: JSON.stringify({ title, dueDate: day }),
          })
    """

    (finding,) = findings_of(tmp_path, code=code)

    assert (finding.rule, finding.severity) == ("undeclared-send", "error")
    assert (finding.place.line, finding.place.column) == (5, 35)
    assert 'expects "due_date"' in finding.message
    assert "due_date" in finding.fix


def test_a_required_member_that_a_whole_body_lacks_is_found(tmp_path: Path) -> None:
    code = """
        export const create = (day: string, rest: object) => {
          fetch('/tasks', { method: 'POST', body: JSON.stringify({ due_date: day }) })
          fetch('/tasks', { method: 'POST', body: JSON.stringify({ due_date: day, ...rest }) })
        }
    """

    assert told(findings_of(tmp_path, code=code)) == [("missing-member", "code.ts:3:3")]


def test_a_path_that_nobody_answers_is_found_with_the_nearest_that_is(tmp_path: Path) -> None:
    code = """
        const API = 'http://localhost:8000'
        export const load = () => fetch(`${API}/todos`)
        export const one = (id: number) => fetch(`${API}/todos/${id}`)
        export const fine = () => fetch(`${API}/tasks`)
    """

    first, second = findings_of(tmp_path, code=code)

    assert told([first, second]) == [
        ("unknown-endpoint", "code.ts:3:27"),
        ("unknown-endpoint", "code.ts:4:36"),
    ]
    assert "/tasks" in first.fix
    assert "/tasks/{task_id}" in second.fix


def test_a_method_that_a_path_does_not_have_is_found(tmp_path: Path) -> None:
    code = "export const drop = () => fetch('/api/tasks', { method: 'DELETE' })"

    (finding,) = findings_of(tmp_path, code=code)

    assert finding.rule == "wrong-method"
    assert "GET, POST" in finding.fix


def test_the_body_of_a_call_to_a_renamed_path_is_held_against_the_one_that_is_meant(
    tmp_path: Path,
) -> None:
    code = """
        export const create = (dueDate: string) =>
          fetch('http://localhost:8000/todos', {
            method: 'POST',
            body: JSON.stringify({ title: 'x', dueDate }),
          })
    """

    assert [rule for rule, _ in told(findings_of(tmp_path, code=code))] == [
        "undeclared-send",
        "unknown-endpoint",
    ]


def test_other_peoples_services_are_no_business_of_the_contract(tmp_path: Path) -> None:
    code = """
        export const all = () => [
          fetch('https://api.stripe.com/v1/customers'),
          fetch(`${process.env.NEXT_PUBLIC_SUPABASE_URL}/rest/v1/rows`),
          fetch('/locales/en.json'),
          fetch('/_next/data'),
          fetch('/api/tasks'),
        ]
    """

    assert findings_of(tmp_path, code=code) == []


def test_route_handlers_of_the_front_end_answer_their_own_paths(tmp_path: Path) -> None:
    code = """
        export const both = (id: string) => [
          fetch('/api/revalidate'),
          fetch(`/api/files/${id}`),
          fetch('/api/old'),
        ]
    """

    findings = findings_of(
        tmp_path,
        code=code,
        app__api__revalidate__route="export const POST = () => new Response()",
        **{"app__api__(private)__files__[id]__route.ts": "export const GET = () => 1"},
        pages__api__other="export default () => 1",
    )

    assert told(findings) == [("unknown-endpoint", "code.ts:5:3")]


def test_clients_that_expect_the_service_at_different_places_are_found(tmp_path: Path) -> None:
    findings = findings_of(
        tmp_path,
        one="export const a = () => fetch('http://localhost:8000/tasks')",
        two="""
            import axios from 'axios'
            const api = axios.create({ baseURL: 'https://api.example.com/v1' })
            export const b = () => api.get('/tasks')
        """,
        three="""
            const BASE = process.env.NEXT_PUBLIC_API_URL ?? 'http://127.0.0.1:8080'
            export const c = () => fetch(`${BASE}/tasks`)
        """,
    )

    assert told(findings) == [
        ("base-urls-differ", "three.ts:3:24"),
        ("base-urls-differ", "two.ts:4:24"),
    ]
    assert findings[0].related[0].file == "one.ts"


def test_a_variable_and_what_stands_in_for_it_are_one_client(tmp_path: Path) -> None:
    code = """
        const BASE = process.env.NEXT_PUBLIC_API_URL ?? '/api'
        const call = (path: string) => fetch(`${BASE}${path}`)
        export const a = () => call('/tasks')
        export const b = () => call('/tasks?limit=3')
    """
    other = "export const c = () => fetch('/api/tasks')"

    assert findings_of(tmp_path, code=code, other=other) == []


def test_a_server_may_reach_the_service_elsewhere_than_browsers_do(tmp_path: Path) -> None:
    findings = findings_of(
        tmp_path,
        browser="export const a = () => fetch('/tasks')",
        server="export const b = () => fetch(`${process.env.SERVICE_URL}/tasks`)",
    )

    assert findings == []


def test_a_query_parameter_that_nobody_reads_is_found(tmp_path: Path) -> None:
    code = """
        import axios from 'axios'
        export const a = () => fetch('/tasks?limit=3&sort=title')
        export const b = () => axios.get('/tasks', { params: { limt: 3 } })
    """

    first, second = findings_of(tmp_path, code=code)

    assert {first.rule, second.rule} == {"undeclared-parameter"}
    assert "sort" in first.message
    assert '"limit"' in second.fix


def test_a_type_that_promises_what_the_contract_lacks_is_found_though_nobody_reads_it(
    tmp_path: Path,
) -> None:
    code = """
        interface Base { id: number }
        interface Task extends Base {
          title: string
          dueDate?: string
        }
        export async function load(): Promise<Task[]> {
          const page = (await (await fetch('/tasks')).json()) as { items: Task[] }
          return page.items
        }
    """

    (finding,) = findings_of(tmp_path, code=code)

    assert (finding.rule, finding.severity) == ("undeclared-type-member", "warning")
    assert str(finding.place) == "code.ts:5:3"


def test_a_mistake_that_two_calls_lead_to_is_told_once(tmp_path: Path) -> None:
    code = """
        const show = (task: any) => task.gone
        export const all = async (id: number) => [
          show(await (await fetch(`/tasks/${id}`)).json()),
          show((await (await fetch('/tasks')).json()).items[0]),
        ]
    """

    (finding,) = findings_of(tmp_path, code=code)

    assert {place.line for place in finding.related} == {4, 5}


def test_what_is_read_after_a_failure_is_not_held_against_the_answer(tmp_path: Path) -> None:
    code = """
        export async function load() {
          const response = await fetch('/tasks')
          const data = await response.json()
          if (!response.ok) throw new Error(data.detail ?? data.message)
          return data.items
        }
        export async function other() {
          const response = await fetch('/tasks')
          if (response.ok) return response.json()
          const problem = await response.json()
          return problem.code
        }
        export async function third() {
          const response = await fetch('/tasks')
          const data = await response.json()
          return response.status >= 400 ? data.error : data.items
        }
    """

    assert findings_of(tmp_path, code=code) == []


def test_asking_whether_a_member_is_there_is_no_mistake(tmp_path: Path) -> None:
    code = """
        export async function load() {
          const data = await fetch('/tasks').then((response) => response.json())
          if ('error' in data) return data.error
          const items = Array.isArray(data) ? data : data.items
          return Array.isArray(data.results) ? data.results : items
        }
    """

    assert findings_of(tmp_path, code=code) == []


def test_members_of_the_language_are_not_members_of_the_contract(tmp_path: Path) -> None:
    code = """
        export async function load() {
          const page = await fetch('/tasks').then((response) => response.json())
          const { length } = page.items
          const days = page.items.map((task: any) => task.due_date?.slice(0, 10).toUpperCase())
          return [length, days.length, page.items.length, page.items[0].title.at(0)]
        }
    """

    assert findings_of(tmp_path, code=code) == []


def test_a_list_that_became_a_page_is_found_where_it_is_used_as_a_list(tmp_path: Path) -> None:
    code = """
        export async function load() {
          const tasks: any = await fetch('/tasks').then((response) => response.json())
          return tasks.data
        }
    """

    assert told(findings_of(tmp_path, code=code)) == [("undeclared-read", "code.ts:4:16")]


def test_an_inherited_method_that_nobody_calls_asks_for_nothing(tmp_path: Path) -> None:
    code = """
        class Api {
          constructor(private path: string) {}
          all = () => fetch(`http://localhost:8000${this.path}`)
          one(id: number) {
            return fetch(`http://localhost:8000${this.path}/${id}`)
          }
        }
        class Tasks extends Api {}
        class Me extends Api {}
        export const calls = [new Tasks('/tasks').one(1), new Me('/users/me').all()]
    """

    assert findings_of(tmp_path, code=code) == []


def test_a_keys_converter_makes_camel_case_right(tmp_path: Path) -> None:
    code = """
        import camelcaseKeys from 'camelcase-keys'
        export async function load(id: number) {
          const task = await (await fetch(`/tasks/${id}`)).json()
          return camelcaseKeys(task).dueDate
        }
    """

    assert findings_of(tmp_path, code=code) == []


def test_an_answer_without_a_schema_is_not_judged(tmp_path: Path) -> None:
    document = contract()
    document["paths"]["/users/me"]["get"]["responses"]["200"]["content"]["application/json"] = {}
    code = "export const me = async () => (await (await fetch('/users/me')).json()).anything.at.all"

    assert findings_of(tmp_path, document, code=code) == []


def test_each_rule_is_described_once() -> None:
    ids = [rule.id for rule in RULES]

    assert len(ids) == len(set(ids)) == 9
    assert all(rule.summary.endswith(".") and rule.help.endswith(".") for rule in RULES)
