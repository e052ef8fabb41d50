"""Runs a model's graph node by node, in an order worked out once per target."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage


class SequentialGraph(GraphRunner):
    """A graph runner for prediction: the nodes are few, quick and depend on each other in a row.

    Rasa's own runner prunes the schema and plans it with dask at every call, which costs more than
    the nodes themselves.
    """

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self.schema = schema
        self.nodes = nodes
        self._plans: dict[str, list[str]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> SequentialGraph:
        nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        return cls(graph_schema, nodes)

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """The output of each target; ``inputs`` stand for the graph's placeholders."""
        results = dict(inputs or {})
        wanted = targets or self.schema.target_names
        for target in wanted:
            for name in self._plan(target):
                if name not in results:
                    needs = dict.fromkeys(self.schema.nodes[name].needs.values())
                    _, results[name] = self.nodes[name](*((need, results[need]) for need in needs))
        return {target: results[target] for target in wanted}

    def component(self, name: str) -> Any:
        """The loaded component behind a node, for example a policy."""
        return self.nodes[name]._component  # pyright: ignore[reportPrivateUsage]

    def _plan(self, target: str) -> list[str]:
        if target not in self._plans:
            order: dict[str, None] = {}
            self._visit(target, order)
            self._plans[target] = list(order)
        return self._plans[target]

    def _visit(self, name: str, order: dict[str, None]) -> None:
        if name not in self.schema.nodes or name in order:
            return
        for need in self.schema.nodes[name].needs.values():
            self._visit(need, order)
        order[name] = None
