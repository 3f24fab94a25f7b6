//! Which paths lead to the members of an entity, as regular expressions: an entity may contain itself, so that they can
//! be without end.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    entity::table::{Row, Table},
    patch::pointer::Pointer,
    schema::members::{MemberNode, NodeKind},
};

/// A reference token.
pub(super) const KEY: &str = "(?:[^~/]|~[01])*";
/// An index of an element that is there.
const INDEX: &str = "(?:0|[1-9][0-9]*)";
/// An index where an element is put.
const NEW_INDEX: &str = "(?:0|[1-9][0-9]*|-)";

/// How long a pattern may be, in bytes. It is repeated for each member of its table.
const LONGEST: usize = 2048;

/// A set of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pattern: String,
    /// The path, where there is only one.
    literal: Option<String>,
}

impl Route {
    /// The path of the whole document.
    pub(super) fn root() -> Route {
        Route { pattern: String::new(), literal: Some(String::new()) }
    }

    /// The paths to a member below these.
    pub(super) fn member(&self, name: &str) -> Route {
        let mut path = Pointer::ROOT;
        path.push(name);
        self.then(&Route { pattern: quoted(path.as_str()), literal: Some(path.as_str().to_owned()) })
    }

    /// The paths to the elements below these.
    pub(super) fn element(&self) -> Route {
        self.then(&Route::any_of(&format!("/{INDEX}")))
    }

    /// The paths to where an element can be put.
    pub(super) fn new_element(&self) -> Route {
        self.then(&Route::any_of(&format!("/{NEW_INDEX}")))
    }

    /// The paths to the values of a map.
    pub(super) fn key(&self) -> Route {
        self.then(&Route::any_of(&format!("/{KEY}")))
    }

    /// All paths below these.
    pub(super) fn all_below(&self) -> Route {
        self.then(&Route::any_of(&format!("(?:/{KEY})+")))
    }

    /// The paths to members whose names are others than these.
    pub(super) fn other_member(&self, names: &[&str]) -> Route {
        let names: Vec<String> = names.iter().map(|name| Route::root().member(name).pattern[1..].to_owned()).collect();
        let but = if names.is_empty() { String::new() } else { format!("(?!(?:{})(?:/|$))", names.join("|")) };
        self.then(&Route::any_of(&format!("/{but}{KEY}")))
    }

    fn any_of(pattern: &str) -> Route {
        Route { pattern: pattern.to_owned(), literal: None }
    }

    fn then(&self, next: &Route) -> Route {
        let literal = self.literal.as_ref().zip(next.literal.as_ref()).map(|(first, next)| format!("{first}{next}"));
        Route { pattern: format!("{}{}", self.pattern, next.pattern), literal }
    }

    fn or(&self, other: &Route) -> Route {
        if self == other { self.clone() } else { Route::any_of(&format!("(?:{}|{})", self.pattern, other.pattern)) }
    }

    fn one_of<'r>(routes: impl Iterator<Item = &'r Route>) -> Option<Route> {
        let patterns: BTreeSet<&str> = routes.map(|route| route.pattern.as_str()).collect();
        let patterns: Vec<&str> = patterns.into_iter().collect();
        (!patterns.is_empty()).then(|| Route::any_of(&format!("(?:{})", patterns.join("|"))))
    }

    fn repeated(&self) -> Route {
        if self.pattern.is_empty() { Route::root() } else { Route::any_of(&format!("(?:{})*", self.pattern)) }
    }

    /// The schema of a path that is in one of these sets.
    pub(super) fn schema(routes: &[Route]) -> Value {
        let literals: Option<BTreeSet<&str>> = routes.iter().map(|route| route.literal.as_deref()).collect();
        match literals {
            Some(literals) => json!({"type": "string", "enum": literals}),
            None => {
                let patterns: BTreeSet<&str> = routes.iter().map(|route| route.pattern.as_str()).collect();
                let patterns: Vec<&str> = patterns.into_iter().collect();
                json!({"type": "string", "pattern": format!("^(?:{})$", patterns.join("|"))})
            }
        }
    }
}

/// A text as a regular expression.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

/// The tables that can be reached from one by the members that are followed, and the paths that lead to each.
pub(super) fn to_tables(root: &'static Table, follows: impl Fn(&Row) -> bool) -> Vec<(&'static Table, Route)> {
    let mut tables: Vec<&'static Table> = vec![root];
    let mut edges: Vec<(usize, Route, usize)> = Vec::new();
    let mut next = 0;
    while let Some(&table) = tables.get(next) {
        for row in table.rows.iter().filter(|row| follows(row)) {
            let mut route = Route::root().member(row.name);
            let mut node = &MemberNode::of(row);
            let inner = loop {
                (node, route) = match &node.kind {
                    NodeKind::Table(table) => break Some(*table),
                    NodeKind::Leaf(_) => break None,
                    NodeKind::List(of) => (of, route.element()),
                    NodeKind::Map(of) => (of, route.key()),
                };
            };
            if let Some(inner) = inner {
                let known = tables.iter().position(|table| std::ptr::eq(*table, inner));
                let index = known.unwrap_or_else(|| {
                    tables.push(inner);
                    tables.len() - 1
                });
                edges.push((next, route, index));
            }
        }
        next += 1;
    }
    let exact = closure(tables.len(), &edges).and_then(|routes| routes.into_iter().next());
    let mut routes = exact.unwrap_or_else(|| loosely(tables.len(), &edges));
    // No member at all leads to the root.
    routes[0] = Some(match routes[0].take() {
        Some(around) => Route::root().or(&around),
        None => Route::root(),
    });
    tables.into_iter().zip(routes).filter_map(|(table, route)| Some((table, route?))).collect()
}

/// The paths from each node to each other that have at least one edge (Kleene's algorithm: paths by way of the nodes
/// before `via`, and then of `via`, too). `None` where a pattern becomes too long: nodes that all lead to each other
/// make it three to four times as long with each node.
fn closure(count: usize, edges: &[(usize, Route, usize)]) -> Option<Vec<Vec<Option<Route>>>> {
    let mut paths: Vec<Vec<Option<Route>>> = vec![vec![None; count]; count];
    for (from, route, to) in edges {
        add(&mut paths[*from][*to], route.clone());
    }
    for via in 0..count {
        let around = paths[via][via].as_ref().map(Route::repeated).unwrap_or_else(Route::root);
        let (into, out): (Vec<_>, Vec<_>) =
            ((0..count).map(|node| paths[node][via].clone()).collect(), paths[via].clone());
        for (from, into) in into.iter().enumerate() {
            let Some(into) = into else { continue };
            for (to, out) in out.iter().enumerate() {
                let Some(out) = out else { continue };
                let path = &mut paths[from][to];
                match (from == via, to == via) {
                    // `around` has what is known: at least once around, and then on.
                    (true, true) => *path = Some(into.then(&around)),
                    (true, false) => *path = Some(around.then(out)),
                    (false, true) => *path = Some(into.then(&around)),
                    (false, false) => add(path, into.then(&around).then(out)),
                }
                if path.as_ref().is_some_and(|path| path.pattern.len() > LONGEST) {
                    return None;
                }
            }
        }
    }
    Some(paths)
}

/// Paths to each node, and some that no edges make: any edges one after the other, and then one that leads there.
fn loosely(count: usize, edges: &[(usize, Route, usize)]) -> Vec<Option<Route>> {
    let any = Route::one_of(edges.iter().map(|(_, route, _)| route)).map(|any| any.repeated());
    let to = |node| Route::one_of(edges.iter().filter(|(.., to)| *to == node).map(|(_, route, _)| route));
    (0..count).map(|node| Some(any.as_ref()?.then(&to(node)?))).collect()
}

fn add(routes: &mut Option<Route>, route: Route) {
    *routes = Some(match routes.take() {
        Some(known) => known.or(&route),
        None => route,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All words of up to three edges are as the graph says.
    #[test]
    fn paths_are_those_of_the_graph() {
        let edge = |from, name: &str, to| (from, Route::root().member(name), to);
        let graphs = [
            vec![edge(0, "a", 1), edge(0, "b", 1), edge(1, "c", 2)],
            vec![edge(0, "a", 0), edge(0, "b", 1)],
            vec![edge(0, "a", 1), edge(1, "b", 0), edge(1, "c", 1)],
            vec![edge(0, "a", 1), edge(1, "b", 2), edge(2, "c", 0), edge(2, "d", 2), edge(0, "e", 2)],
        ];
        for graph in graphs {
            let paths = closure(3, &graph).expect("it is short");
            let loose = loosely(3, &graph);
            let mut words = vec![(0, String::new())];
            for _ in 0..5 {
                let next = words.iter().flat_map(|(at, word)| {
                    let edges = graph.iter().filter(move |(from, ..)| from == at);
                    edges.map(move |(_, route, to)| (*to, format!("{word}{}", route.pattern)))
                });
                words.extend(next.collect::<Vec<_>>());
                words.sort_unstable();
                words.dedup();
            }
            for (to, word) in words.iter().filter(|(_, word)| !word.is_empty()) {
                let route = paths[0][*to].as_ref().expect("a word leads there");
                assert!(matches(&route.pattern, word), "{} is without {word}", route.pattern);
                let loose = loose[*to].as_ref().expect("a word leads there");
                assert!(matches(&loose.pattern, word), "{} is without {word}", loose.pattern);
                let others = (0..3).filter(|other| other != to && !words.contains(&(*other, word.clone())));
                for other in others.filter_map(|other| paths[0][other].as_ref()) {
                    assert!(!matches(&other.pattern, word), "{} has {word}", other.pattern);
                }
            }
        }
    }

    #[test]
    fn a_pattern_is_as_long_as_it_may_be() {
        for (more, is_short) in [(0, true), (1, false)] {
            let name = "a".repeat(LONGEST - "//b".len() + more);
            let edges = [(0, Route::root().member(&name), 1), (1, Route::root().member("b"), 2)];
            assert_eq!(closure(3, &edges).is_some(), is_short, "{more} more than {LONGEST}");
        }
    }

    /// Whether a pattern of letters, `/`, `|`, groups and `*` has a text: the set of rests after each part.
    fn matches(pattern: &str, text: &str) -> bool {
        fn rests<'t>(pattern: &str, texts: Vec<&'t str>) -> Vec<&'t str> {
            let mut level = 0;
            let bar = pattern.char_indices().find(|(_, character)| {
                level += i32::from(*character == '(') - i32::from(*character == ')');
                level == 0 && *character == '|'
            });
            if let Some((bar, _)) = bar {
                let mut all = rests(&pattern[..bar], texts.clone());
                all.extend(rests(&pattern[bar + 1..], texts));
                return all;
            }
            let Some(first) = pattern.chars().next() else { return texts };
            let end = match first {
                '(' => {
                    let mut level = 0;
                    let close = pattern.char_indices().find(|(_, character)| {
                        level += i32::from(*character == '(') - i32::from(*character == ')');
                        level == 0
                    });
                    close.expect("a group ends").0 + 1
                }
                _ => 1,
            };
            let once = |texts: Vec<&'t str>| match pattern[..end].strip_prefix("(?:") {
                Some(group) => rests(&group[..group.len() - 1], texts),
                None => texts.into_iter().filter_map(|text| text.strip_prefix(first)).collect(),
            };
            let Some(after) = pattern[end..].strip_prefix('*') else { return rests(&pattern[end..], once(texts)) };
            let (mut all, mut new) = (texts.clone(), texts);
            while !new.is_empty() {
                new = once(new);
                new.retain(|text| !all.contains(text));
                all.extend(&new);
            }
            rests(after, all)
        }
        rests(pattern, vec![text]).contains(&"")
    }
}
