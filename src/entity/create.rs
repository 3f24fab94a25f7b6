//! What `superoffice::save` needs: the entity that a body creates, and the key that says whether it does.

use crate::{
    dialect::Dialect,
    document::Refusal,
    entity::{compare, misfit::Misfit, nested::Entity, patch::PatchedJson, put::put_text, session::Session},
    error::{Error, TargetError, TargetProblem},
    json::{number, tape::Kind},
    patch::{format::Format, pointer::Pointer},
    text::{self, Version},
};

/// A new entity, of which a client chose the writable members.
pub(crate) fn create<E: Entity>(new: &E, body: &[u8], dialect: &Dialect) -> Result<PatchedJson, Error> {
    let stored = serde_json::to_vec(new).map_err(|_| TargetError::from(TargetProblem::NotWritten))?;
    put_text::<E>(&stored, body, dialect, None)
}

/// The key of the entity that a body is about; `None` where it is absent, null or 0.
pub(crate) fn key<E: Entity>(body: &[u8], dialect: &Dialect) -> Result<Option<i64>, Error> {
    let objects = dialect.of_objects();
    let opened = &mut text::open(b"{}", body, Format::MergePatch, &objects)?;
    let (mut session, sent) = Session::of_object(opened, E::table, dialect, None)?;
    let refuse = |refusal: Refusal| refusal.into_error(None, Pointer::ROOT);
    Ok(session.key(sent).map_err(refuse)?)
}

impl Session<'_, '_> {
    fn key(&mut self, sent: Version) -> Result<Option<i64>, Refusal> {
        let sent = self.conformed(sent)?;
        let Some(row) = self.table().and_then(|table| table.rows.iter().find(|row| row.is_key)) else {
            return Ok(None);
        };
        let Some(given) = compare::member(self.text, sent, row)? else { return Ok(None) };
        let given = self.text.now(given);
        if self.is_unset(given) {
            return Ok(None);
        }
        let json = self.text.json_of(given);
        let number = std::str::from_utf8(&json).ok().filter(|_| self.text.kind_of(given) == Kind::Number);
        let number = number.and_then(number::parse).and_then(|number| number::whole(&number));
        let mut path = Pointer::ROOT;
        path.push(row.name);
        number.map(Some).ok_or_else(|| Misfit::expected("a whole number").in_member(path))
    }
}
