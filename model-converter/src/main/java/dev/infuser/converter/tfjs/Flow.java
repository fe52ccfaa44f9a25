package dev.infuser.converter.tfjs;

import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The loops and branches that a graph spells as Enter, Merge, Switch, NextIteration and Exit. Source: TensorFlow's white
 * paper on the implementation of control flow.
 */
final class Flow {

    /**
     * What a loop carries.
     *
     * @param enter what it is before the first round, as an input is written
     * @param next  what a round makes of it
     * @param gates the Switch that gives it to the body or out of the loop; of one that is not read, none
     */
    record Variable(String merge, String enter, String next, List<String> gates) {
    }

    /**
     * A loop.
     *
     * @param condition what decides about another round
     * @param outer     all that it takes from around
     */
    record Loop(String name, List<Variable> variables, String condition, List<String> outer) {
    }

    /**
     * A choice.
     *
     * @param key     equal for choices with the same predicate
     * @param outer   all that both sides take from around, the predicate too
     * @param whenYes the input that a Merge takes when the predicate is true
     */
    record Choice(String key, String predicate, List<String> outer, int whenYes) {
    }

    private final TfGraph graph;
    private final Map<String, Loop> loops = new LinkedHashMap<>();
    /** By Merge, Switch and Exit: the name of its loop. */
    private final Map<String, String> members = new HashMap<>();
    private final Map<String, Choice> choices = new HashMap<>();
    private final Set<String> open = new HashSet<>();

    Flow(TfGraph graph) {
        this.graph = graph;
        Map<String, String> frames = new LinkedHashMap<>();
        Map<String, List<String>> outer = new LinkedHashMap<>();
        for (TfNode node : graph.nodes().values()) {
            if (node.op().equals("Enter") || node.op().equals("RefEnter")) {
                frames.put(node.name(), node.string("frame_name", ""));
                outer.computeIfAbsent(node.string("frame_name", ""), f -> new ArrayList<>()).add(node.data(0));
            }
        }
        if (frames.isEmpty()) {
            return;
        }
        Map<String, List<Variable>> variables = new LinkedHashMap<>();
        for (TfNode node : graph.nodes().values()) {
            if (node.op().equals("Merge")) {
                variable(node, frames, variables);
            }
        }
        Map<String, String> conditions = new HashMap<>();
        gates(variables, conditions);
        for (TfNode node : graph.nodes().values()) {
            if (node.op().equals("Exit")) {
                String loop = members.get(TfNode.source(node.data(0)));
                if (loop != null) {
                    members.put(node.name(), loop);
                }
            }
        }
        variables.forEach((name, list) -> loops.put(name, new Loop(name, list, conditions.get(name), outer.get(name))));
    }

    private void variable(TfNode merge, Map<String, String> frames, Map<String, List<Variable>> variables) {
        String enter = null;
        String next = null;
        String frame = null;
        for (String input : merge.inputs()) {
            TfNode from = graph.nodes().get(TfNode.source(input));
            if (from != null && frames.containsKey(from.name())) {
                enter = from.data(0);
                frame = frames.get(from.name());
            } else if (from != null && from.op().equals("NextIteration")) {
                next = from.data(0);
            }
        }
        if (enter != null && next != null) {
            variables.computeIfAbsent(frame, f -> new ArrayList<>()).add(new Variable(merge.name(), enter, next,
                    new ArrayList<>()));
            members.put(merge.name(), frame);
        }
    }

    private void gates(Map<String, List<Variable>> variables, Map<String, String> conditions) {
        Map<String, Variable> byMerge = new HashMap<>();
        variables.values().forEach(list -> list.forEach(variable -> byMerge.put(variable.merge, variable)));
        for (TfNode node : graph.nodes().values()) {
            Variable variable = node.op().equals("Switch") ? byMerge.get(TfNode.source(node.data(0))) : null;
            TfNode condition = variable == null ? null : graph.nodes().get(TfNode.source(resolve(node.data(1))));
            if (condition != null && condition.op().equals("LoopCond")) {
                variable.gates.add(node.name());
                members.put(node.name(), members.get(variable.merge));
                conditions.put(members.get(variable.merge), condition.data(0));
            }
        }
    }

    /** The loop to which a Merge, Switch or Exit belongs, or null. */
    Loop loop(String node) {
        return loops.get(members.getOrDefault(node, ""));
    }

    /** An input with nodes that do nothing left out. */
    String resolve(String input) {
        String at = input;
        for (int i = 0; i < graph.nodes().size(); i++) {
            TfNode node = graph.nodes().get(TfNode.source(at));
            if (node == null || !node.op().equals("Identity")) {
                break;
            }
            at = node.data(0);
        }
        return at.endsWith(":0") ? at.substring(0, at.length() - 2) : at;
    }

    /** What a node has to wait for. */
    List<String> before(TfNode node) {
        if (node.op().equals("Merge") && loop(node.name()) == null) {
            return choice(node).outer;
        }
        Loop loop = node.op().equals("Exit") ? loop(node.name()) : null;
        return loop != null ? loop.outer : node.data();
    }

    /** The choice between the inputs of a Merge. */
    Choice choice(TfNode merge) {
        Choice known = choices.get(merge.name());
        if (known != null) {
            return known;
        }
        if (merge.data().size() != 2 || !open.add(merge.name())) {
            throw unsupported(merge);
        }
        Map<String, boolean[]> first = new LinkedHashMap<>();
        Map<String, boolean[]> second = new LinkedHashMap<>();
        Map<String, Set<String>> outer = new HashMap<>();
        Map<String, String> predicates = new HashMap<>();
        walk(merge.data(0), first, outer, predicates);
        walk(merge.data(1), second, outer, predicates);
        Choice choice = null;
        Set<String> keys = new LinkedHashSet<>(first.keySet());
        keys.addAll(second.keySet());
        for (String key : keys) {
            boolean[] a = first.getOrDefault(key, new boolean[2]);
            boolean[] b = second.getOrDefault(key, new boolean[2]);
            if (choice == null && (!a[0] || !a[1]) && (!b[0] || !b[1]) && !(a[0] && b[0]) && !(a[1] && b[1])) {
                Set<String> all = new LinkedHashSet<>(outer.get(key));
                all.add(predicates.get(key));
                choice = new Choice(key, predicates.get(key), new ArrayList<>(all), a[1] || b[0] ? 0 : 1);
            }
        }
        open.remove(merge.name());
        if (choice == null) {
            throw unsupported(merge);
        }
        choices.put(merge.name(), choice);
        return choice;
    }

    /** Goes back to the Switch nodes before an input, and notes which of their outputs lead to it. */
    private void walk(String input, Map<String, boolean[]> sides, Map<String, Set<String>> outer,
            Map<String, String> predicates) {
        Deque<String> todo = new ArrayDeque<>(List.of(input));
        Set<String> seen = new HashSet<>();
        while (!todo.isEmpty()) {
            String at = todo.pop();
            TfNode node = seen.add(at) ? graph.nodes().get(TfNode.source(at)) : null;
            if (node == null || members.containsKey(node.name()) && !node.op().equals("Exit")) {
                continue;
            }
            if (node.op().equals("Switch")) {
                String key = resolve(node.data(1));
                sides.computeIfAbsent(key, k -> new boolean[2])[at.endsWith(":1") ? 1 : 0] = true;
                outer.computeIfAbsent(key, k -> new LinkedHashSet<>()).add(node.data(0));
                predicates.put(key, node.data(1));
            } else if (node.op().equals("Merge") || node.op().equals("Exit")) {
                todo.addAll(before(node));
            } else {
                node.inputs().forEach(from -> todo.add(from.startsWith("^") ? from.substring(1) : from));
            }
        }
    }

    private static UnsupportedModelException unsupported(TfNode merge) {
        return new UnsupportedModelException("control-flow", merge.name(), "Merge '" + merge.name()
                + "' does not join the two sides of one condition", "", "export the model with control flow of version 2");
    }
}
