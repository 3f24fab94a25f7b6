//! What of a stored entity a response shows: the members that `$select` names, and `_Links`.
//!
//! It works on the stored text, so that what is shown keeps its order and its bytes.

use std::collections::HashMap;

use crate::{
    Limits, Pointer, TargetError,
    error::malformed_target,
    json::{
        name::{Case, NameIndex},
        syntax::Fault,
        tape::Tape,
    },
    patch::pointer::Tokens,
    superoffice::{
        Links,
        object::{ObjectMember, members, write_string},
    },
};

/// The members that `$select` names.
///
/// Names are separated by commas, and the levels of a name by slashes: `name,department,category/id`. They are matched
/// in any case, the exact spelling first; names that nothing has are ignored. An empty list selects everything, as `*`
/// does, but a list of only unknown names is not empty: it selects nothing.
///
/// ```
/// use entity_patch::superoffice::{Selection, represent};
///
/// let stored = br#"{"Name": "sales", "Secret": "hush", "Headers": {"X-Key": "1", "X-Other": "2"}}"#;
/// let selection = Selection::parse("name, headers/x-key, department");
/// assert_eq!(
///     represent(stored, &selection, None)?,
///     br#"{"Name":"sales","Secret":null,"Headers":{"X-Key":"1","X-Other":null}}"#,
/// );
/// # Ok::<(), entity_patch::TargetError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// `None`: everything.
    paths: Option<Vec<Pointer>>,
}

impl Selection {
    /// Everything, as without a `$select`.
    pub const ALL: Selection = Selection { paths: None };

    /// Reads the value of the query parameter, its percent-encoding already undone.
    pub fn parse(list: &str) -> Selection {
        let mut names = list.split(',').map(str::trim).filter(|name| !name.is_empty()).peekable();
        if names.peek().is_none() || names.clone().any(|name| name == "*") {
            return Selection::ALL;
        }
        // A name that is not a pointer is a name that nothing has.
        Selection { paths: Some(names.filter_map(|name| Pointer::parse_optional_slash(name).ok()).collect()) }
    }
}

/// What a response shows of a stored entity: its members in the stored order, those that are not selected nulled out,
/// at the end `_Links` where there are any. What is shown in full keeps its bytes.
///
/// ```
/// use entity_patch::superoffice::{Links, Selection, represent};
///
/// let links = Links::new("http://localhost", "/api/v1/Webhook", 7);
/// let json = represent(br#"{"WebhookId":7}"#, &Selection::ALL, Some(&links))?;
/// assert_eq!(
///     String::from_utf8_lossy(&json),
///     r#"{"WebhookId":7,"_Links":{"Self":"http://localhost/api/v1/Webhook/7","Archive":"http://localhost/api/v1/Webhook"}}"#,
/// );
/// # Ok::<(), entity_patch::TargetError>(())
/// ```
///
/// # Errors
///
/// 500 `malformed-target`: the stored text is not a JSON object.
pub fn represent(stored: &[u8], selection: &Selection, links: Option<&Links>) -> Result<Vec<u8>, TargetError> {
    let mut shown =
        Excerpt { stored, tape: Tape::for_text(stored.len()), json: Vec::with_capacity(stored.len() + 256) };
    shown.entity(selection, links).map_err(|fault| malformed_target(fault, stored))?;
    Ok(shown.json)
}

/// The member that a server adds.
const LINKS: &str = "_Links";

/// What is shown of a stored text so far.
struct Excerpt<'s> {
    stored: &'s [u8],
    tape: Tape,
    json: Vec<u8>,
}

impl<'s> Excerpt<'s> {
    fn entity(&mut self, selection: &Selection, links: Option<&Links>) -> Result<(), Fault> {
        let root = self.tape.record(self.stored, 0, Limits::MAX_DEPTH)?;
        let mut members = members(&mut self.tape, self.stored, root)?;
        members.retain(|member| member.name != LINKS);
        let paths = selection.paths.as_ref().map(|paths| paths.iter().map(Pointer::tokens).collect());
        self.json.push(b'{');
        self.members(&members, paths)?;
        if let Some(links) = links.and_then(|links| serde_json::to_vec(links).ok()) {
            self.name(LINKS, members.is_empty());
            self.json.extend_from_slice(&links);
        }
        self.json.push(b'}');
        Ok(())
    }

    /// Shows the members of an object; without paths, all that is in them.
    fn members(&mut self, members: &[ObjectMember<'s>], paths: Option<Vec<Tokens<'_>>>) -> Result<(), Fault> {
        let mut selected = paths.map(|paths| Selected::of(members, paths));
        for (position, member) in members.iter().enumerate() {
            self.name(&member.name, position == 0);
            match selected.as_mut().map_or(Extent::All, |selected| selected.take(position)) {
                Extent::All => self.json.extend_from_slice(&self.stored[member.value.clone()]),
                Extent::Some(paths) if self.stored[member.value.start] == b'{' => self.object(member, paths)?,
                Extent::Some(_) | Extent::None => self.json.extend_from_slice(b"null"),
            }
        }
        Ok(())
    }

    fn object(&mut self, member: &ObjectMember<'s>, paths: Vec<Tokens<'_>>) -> Result<(), Fault> {
        let below = members(&mut self.tape, self.stored, member.place)?;
        self.json.push(b'{');
        self.members(&below, Some(paths))?;
        self.json.push(b'}');
        Ok(())
    }

    fn name(&mut self, name: &str, is_first: bool) {
        if !is_first {
            self.json.push(b',');
        }
        write_string(name, &mut self.json);
        self.json.push(b':');
    }
}

/// How much of a member is shown.
enum Extent<'t> {
    All,
    /// What these paths lead to inside it.
    Some(Vec<Tokens<'t>>),
    None,
}

/// How much is shown of each member of an object that is not shown in full.
struct Selected<'t> {
    parts: HashMap<usize, Extent<'t>>,
}

impl<'t> Selected<'t> {
    /// Sorts paths by the member that their first token names.
    fn of(members: &[ObjectMember<'_>], paths: Vec<Tokens<'t>>) -> Selected<'t> {
        let mut index = NameIndex::new(Case::Folded);
        for (position, member) in members.iter().enumerate() {
            index.insert(&member.name, position);
        }
        let mut parts = HashMap::new();
        for mut path in paths {
            let Some(name) = path.next().map(|token| token.name()) else { continue };
            // A name that two members have, none of them exactly, is a name that nothing has.
            let found = index.find(&name).unwrap_or_default();
            let Some(position) = found else { continue };
            match parts.entry(position).or_insert(Extent::None) {
                Extent::All => {}
                part if path.fit(0) => *part = Extent::All,
                Extent::Some(paths) => paths.push(path),
                part @ Extent::None => *part = Extent::Some(vec![path]),
            }
        }
        Selected { parts }
    }

    fn take(&mut self, position: usize) -> Extent<'t> {
        self.parts.remove(&position).unwrap_or(Extent::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: &str = r#"{"WebhookId": 7, "Name": "n", "Headers": {"X-Key": "k", "x-key": "l", "Y": {"a": [1.50], "b": 2}}, "Events": ["e"], "Properties": null}"#;

    #[test]
    fn what_is_not_selected_is_null() {
        const NOTHING: &str = r#"{"WebhookId":null,"Name":null,"Headers":null,"Events":null,"Properties":null}"#;
        const NAME: &str = r#"{"WebhookId":null,"Name":"n","Headers":null,"Events":null,"Properties":null}"#;
        let all = r#"{"WebhookId":7,"Name":"n","Headers":{"X-Key": "k", "x-key": "l", "Y": {"a": [1.50], "b": 2}},"Events":["e"],"Properties":null}"#;
        let headers = |shown: &str| NOTHING.replace(r#""Headers":null"#, &format!(r#""Headers":{shown}"#));
        let rows = [
            ("", all.to_owned()),
            (" , ,", all.to_owned()),
            ("*", all.to_owned()),
            ("name, *", all.to_owned()),
            ("headers/*", headers(r#"{"X-Key":null,"x-key":null,"Y":null}"#)),
            ("Name,department,category", NAME.to_owned()),
            ("name,department,category/id", NAME.to_owned()),
            ("/NAME , name", NAME.to_owned()),
            ("department", NOTHING.to_owned()),
            ("~2", NOTHING.to_owned()),
            ("/", NOTHING.to_owned()),
            ("name/first,events/0,properties/x", NOTHING.to_owned()),
            ("headers/x-key", headers(r#"{"X-Key":null,"x-key":"l","Y":null}"#)),
            ("headers/X-KEY", headers(r#"{"X-Key":null,"x-key":null,"Y":null}"#)),
            ("headers/y/A,HEADERS/X-Key", headers(r#"{"X-Key":"k","x-key":null,"Y":{"a":[1.50],"b":null}}"#)),
            ("headers/y/a,headers/Y", headers(r#"{"X-Key":null,"x-key":null,"Y":{"a": [1.50], "b": 2}}"#)),
            ("headers/y,headers/Y/a", headers(r#"{"X-Key":null,"x-key":null,"Y":{"a": [1.50], "b": 2}}"#)),
            ("headers/nope", headers(r#"{"X-Key":null,"x-key":null,"Y":null}"#)),
        ];
        for (list, expected) in rows {
            let shown = represent(STORED.as_bytes(), &Selection::parse(list), None).unwrap();
            assert_eq!(String::from_utf8_lossy(&shown), expected, "{list}");
        }
    }

    #[test]
    fn links_stand_last_and_once_whatever_is_selected() {
        let links = Links::new("http://h", "/w", 1);
        let written = r#""_Links":{"Self":"http://h/w/1","Archive":"http://h/w"}"#;
        let rows = [
            ("{}", "name", format!("{{{written}}}")),
            (r#"{"_Links":1,"Name":"n"}"#, "x", format!(r#"{{"Name":null,{written}}}"#)),
            (r#"{"Name":"n"}"#, "name", format!(r#"{{"Name":"n",{written}}}"#)),
        ];
        for (stored, list, expected) in rows {
            let shown = represent(stored.as_bytes(), &Selection::parse(list), Some(&links)).unwrap();
            assert_eq!(String::from_utf8_lossy(&shown), expected, "{stored}");
        }
    }

    #[test]
    fn a_stored_text_that_is_no_object_is_the_servers_fault() {
        let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(127), "]".repeat(127));
        for stored in ["", "[]", "{", r#"{"a":}"#, "{} {}", r#"{"a":1,}"#, &deep] {
            let error = represent(stored.as_bytes(), &Selection::ALL, None).unwrap_err();
            assert_eq!(error.status(), 500, "{stored}");
        }
    }

    #[test]
    fn many_names_in_a_large_object_do_not_take_long() {
        let members: Vec<String> = (0..20_000).map(|number| format!(r#""Name{number}":1"#)).collect();
        let stored = format!("{{{}}}", members.join(","));
        let list: Vec<String> = (0..20_000).map(|number| format!("NAME{number}")).collect();
        let start = std::time::Instant::now();
        let shown = represent(stored.as_bytes(), &Selection::parse(&list.join(",")), None).unwrap();
        assert_eq!(shown, stored.as_bytes());
        assert!(start.elapsed() < std::time::Duration::from_secs(10));
    }
}
