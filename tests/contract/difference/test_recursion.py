"""Results about things that contain each other."""

from collections.abc import Mapping

from lockstitch.contract.difference.recursion import Recursion

Graph = Mapping[int, tuple[int, ...]]


def reachable(graph: Graph, *, asked: tuple[int, ...]) -> list[frozenset[int]]:
    """Return what each node reaches, all asked of one memory."""
    memory: Recursion[frozenset[int]] = Recursion(frozenset())

    def of(node: int) -> frozenset[int]:
        return memory.of((node, node), lambda: work(node))

    def work(node: int) -> frozenset[int]:
        return frozenset({node}).union(*(of(one) for one in graph[node]))

    return [of(node) for node in asked]


def test_each_node_of_a_ring_reaches_all_of_it() -> None:
    ring = {0: (1,), 1: (2,), 2: (0,)}

    assert reachable(ring, asked=(0, 1, 2)) == [frozenset({0, 1, 2})] * 3


def test_a_result_that_rests_on_another_in_progress_is_not_kept() -> None:
    graph = {0: (1, 3), 1: (0, 2), 2: (1,), 3: ()}

    assert reachable(graph, asked=(0, 1, 2, 3)) == [
        frozenset({0, 1, 2, 3}),
        frozenset({0, 1, 2, 3}),
        frozenset({0, 1, 2, 3}),
        frozenset({3}),
    ]


def test_each_key_is_worked_out_a_few_times_at_most() -> None:
    count = 0
    size = 60
    memory: Recursion[int] = Recursion(0)

    def of(node: int) -> int:
        return memory.of((node, node), lambda: work(node))

    def work(node: int) -> int:
        nonlocal count
        count += 1
        return 1 + sum(of(other) for other in range(size) if other != node)

    of(0)

    assert count <= size * size
