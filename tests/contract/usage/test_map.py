"""The integration map joins pages, hooks, operations and models."""

from pathlib import Path

from lockstitch.contract.reading import read_document
from lockstitch.contract.usage import Map, find_calls, integration_map, read_front_end
from tests.contract.usage.tasks import contract
from tests.contract.usage.written import usage_of

ROOT = Path(__file__).parents[3]

PAGE = """
    import { Board } from '../../components/board'
    export default function Page() {
      return <Board project={1} />
    }
"""
BOARD = """
    import { useTasks } from '../hooks/use-tasks'
    import { Button } from './button'
    import { remove } from '../lib/api'
    export function Board({ project }: { project: number }) {
      const { tasks } = useTasks(project)
      return tasks.map((task) => <Button key={task.id} onPress={() => remove(task)}>"x"</Button>)
    }
"""
BUTTON = "export const Button = ({ onPress }: any) => <button onClick={() => onPress()} />"
HOOK = """
    import useSWR from 'swr'
    import { read } from '../lib/api'
    export const useTasks = (project: number) => {
      const { data } = useSWR(`/api/projects/${project}/tasks`, read)
      return { tasks: data ?? [] }
    }
"""
API = """
    export const read = (path: string) => fetch(path).then((response) => response.json())
    export const remove = (task: { title: string }) =>
      fetch('/api/tasks', { method: 'POST', body: JSON.stringify({ title: task.title }) })
    export const script = () => read('/api/users/me')
"""


def chart_of(folder: Path) -> Map:
    usage = usage_of(
        folder,
        **{
            "app__tasks__page.tsx": PAGE,
            "components__board.tsx": BOARD,
            "components__button.tsx": BUTTON,
            "hooks__use-tasks.ts": HOOK,
            "lib__api.ts": API,
        },
    )
    return integration_map(usage, read_document(contract()))


def names(chart: Map) -> set[tuple[str, str]]:
    return {
        (link.source.rpartition("#")[2], link.target.rpartition("#")[2]) for link in chart.links
    }


def test_pages_lead_to_operations(tmp_path: Path) -> None:
    chart = chart_of(tmp_path)

    assert names(chart) == {
        ("Page", "Board"),
        ("Board", "useTasks"),
        ("useTasks", "list_project_tasks"),
        ("Board", "create_task"),
        ("script", "read_me"),
    }
    assert {(stage.name, stage.kind) for stage in chart.stages} == {
        ("Page", "page"),
        ("Board", "component"),
        ("useTasks", "hook"),
        ("script", "function"),
    }
    assert chart.unused == ("list_tasks", "read_task")


def test_an_operation_shows_its_models_and_its_errors() -> None:
    document = read_document(ROOT / "examples" / "sentiment" / "openapi.json")
    usage = find_calls(read_front_end(ROOT / "ts" / "apps" / "console"), document)

    chart = integration_map(usage, document)

    (session,) = (one for one in chart.operations if one.id == "create_session")
    assert (session.request, session.response) == (("SignIn",), ("Session",))
    assert {one.status for one in session.errors} >= {"401", "422", "503"}
    assert {one.model for one in session.errors} == {"Problem"}


def test_the_map_survives_json(tmp_path: Path) -> None:
    chart = chart_of(tmp_path)

    assert Map.model_validate_json(chart.model_dump_json()) == chart
