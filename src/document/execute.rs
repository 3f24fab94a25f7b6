//! The rules of the six operations (RFC 6902 section 4). Each is written over the questions of this folder's traits,
//! and knows of no kind of document.

use std::borrow::Cow;

use super::{
    context::Context,
    failure::{Absence, Detail, Failure, MissingPart, PatchErrorKind, Refusal},
    target::{
        ArrayNodes, Change, Container, Document, End, Member, MemberPlace, NodeOf, Nodes, ObjectNodes, Removed, ValueOf,
    },
};
use crate::{
    json::name::Case,
    patch::{
        operation::Operation,
        pointer::{Token, Tokens},
    },
};

/// Carries one operation out. If it fails, what it changed until then is recorded.
#[inline(always)]
pub(crate) fn execute<'p, D: Document<'p>>(
    document: &mut D,
    operation: Operation<Tokens<'p>, Cow<'_, ValueOf<'p, D>>>,
    context: &mut Context,
) -> Result<(), Failure<'p>> {
    let done = match operation {
        Operation::Add { path, value } => add(document, path, value, context).map_err(|refusal| refusal.at(path)),
        Operation::Remove { path } => remove(document, path, context).map_err(|refusal| refusal.at(path)),
        Operation::Replace { path, value } => {
            replace(document, path, value, context).map_err(|refusal| refusal.at(path))
        }
        Operation::Move { from, path } => move_value(document, from, path, context),
        Operation::Copy { from, path } => copy(document, from, path, context),
        Operation::Test { path, value } => test(document, path, &value, context).map_err(|refusal| refusal.at(path)),
    };
    match done {
        Err(failure) => Err(explain(document, failure, context.case)),
        Ok(()) => Ok(()),
    }
}

/// RFC 6902 section 4.1.
#[inline]
fn add<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: Cow<'_, ValueOf<'p, D>>,
    context: &mut Context,
) -> Result<(), Refusal> {
    if context.create_parents {
        return add_with_parents(document, path, value, context);
    }
    put_and_record(document, path, value, context)
}

#[inline(always)]
fn put_and_record<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: Cow<'_, ValueOf<'p, D>>,
    context: &mut Context,
) -> Result<(), Refusal> {
    let (change, old) = put(document, path, &mut Some(value), context)?;
    document.record(path, change, old);
    Ok(())
}

/// Adds a value where what is missing or null on the way is created: its value has to hold the rest of the path.
#[cold]
fn add_with_parents<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: Cow<'_, ValueOf<'p, D>>,
    context: &mut Context,
) -> Result<(), Refusal> {
    let Some((tokens, why)) = first_absent(document, path, context)? else {
        return put_and_record(document, path, value, context);
    };
    let (place, below) = path.split_at(tokens);
    match why {
        Absence::Scalar => Err(PatchErrorKind::NotFound.into()),
        Absence::Missing => {
            let value = document.nest(place, below, value.into_owned())?;
            put_and_record(document, place, Cow::Owned(value), context)
        }
        Absence::Null => {
            let value = document.nest(place, below, value.into_owned())?;
            replace(document, place, Cow::Owned(value), context)
        }
    }
}

/// Adds a value, which is only taken once its place is found.
fn put<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: &mut Option<Cow<'_, ValueOf<'p, D>>>,
    context: &mut Context,
) -> Result<(Change, Option<ValueOf<'p, D>>), Refusal> {
    document.visit(path, End::Container, context, |place, last, context| {
        let mut take = || value.take().expect("a value is put at one place");
        let place = place?;
        let Some(last) = last else { return Ok((Change::Replaced, Some(D::Nodes::set(place, take())?))) };
        match D::Nodes::open(place)? {
            Container::Object(object) => {
                let name = last.name();
                D::Nodes::entry(object, &name, context, |entry, _| match entry {
                    Member::Occupied(member) => Ok((Change::Replaced, Some(D::Nodes::set(member, take())?))),
                    Member::Vacant(object) => {
                        D::Nodes::insert(object, &name, take())?;
                        Ok((Change::InsertedMember, None))
                    }
                })
            }
            Container::Array(array) => {
                let index = last.insertion_index(D::Nodes::length(&array))?;
                context.work(D::Nodes::shifted(&array, index))?;
                D::Nodes::insert_element(array, index, take())?;
                Ok((Change::InsertedElement { index }, None))
            }
            Container::Null | Container::Scalar => Err(PatchErrorKind::NotFound.into()),
        }
    })
}

/// RFC 6902 section 4.2.
fn remove<'p, D: Document<'p>>(document: &mut D, path: Tokens<'p>, context: &mut Context) -> Result<(), Refusal> {
    match take(document, path, context) {
        Ok((change, old)) => {
            document.record(path, change, Some(old));
            Ok(())
        }
        Err(refusal) => match refusal.kind() {
            PatchErrorKind::NotFound | PatchErrorKind::IndexOutOfBounds if context.ignore_missing => Ok(()),
            _ => Err(refusal),
        },
    }
}

/// Takes a value out of the document. What that changed is the caller's to record.
fn take<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<(Change, ValueOf<'p, D>), Refusal> {
    let removed = document.visit(path, End::Container, context, |place, last, context| {
        let (place, Some(last)) = (place?, last) else { return Ok(None) };
        match D::Nodes::open(place)? {
            Container::Object(object) => match D::Nodes::remove(object, &last.name(), context)? {
                Some(Removed { value, name, position }) => {
                    Ok(Some((Change::RemovedMember(Box::new(MemberPlace { name, position })), value)))
                }
                None => Err(Refusal::from(PatchErrorKind::NotFound)),
            },
            Container::Array(array) => {
                let index = last.existing_index(D::Nodes::length(&array))?;
                context.work(D::Nodes::shifted(&array, index))?;
                Ok(Some((Change::RemovedElement { index }, D::Nodes::remove_element(array, index)?)))
            }
            Container::Null | Container::Scalar => Err(PatchErrorKind::NotFound.into()),
        }
    })?;
    removed.map_or_else(|| document.remove_start(path), Ok)
}

/// RFC 6902 section 4.3.
fn replace<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: Cow<'_, ValueOf<'p, D>>,
    context: &mut Context,
) -> Result<(), Refusal> {
    let old = document.visit(path, End::Value, context, |place, _, _| D::Nodes::set(place?, value))?;
    document.record(path, Change::Replaced, Some(old));
    Ok(())
}

/// RFC 6902 section 4.4. A `move` to a place that does not exist leaves the value where it was.
fn move_value<'p, D: Document<'p>>(
    document: &mut D,
    from: Tokens<'p>,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<(), Failure<'p>> {
    source(document, from, context, |node, context| {
        context.check_depth_of(path, |levels, context| D::Nodes::is_deeper_than(node, levels, context))
    })
    .map_err(|refusal| refusal.at(from))?
    .map_err(|refusal| refusal.at(path))?;
    match leads_into(document, from, path, context).map_err(|refusal| refusal.at(path))? {
        Some(Lies::There) => return Ok(()),
        Some(Lies::Inside) => return Err(PatchErrorKind::MoveIntoItself.at(path)),
        None => {}
    }
    let (removed, value) = take(document, from, context).map_err(|refusal| refusal.at(from))?;
    let mut value = Some(Cow::Owned(value));
    match put(document, path, &mut value, context) {
        Ok((change, old)) => {
            document.record(from, removed, None);
            document.record(path, change, old);
            Ok(())
        }
        Err(refusal) => {
            document.record(from, removed, value.map(Cow::into_owned));
            Err(refusal.at(path))
        }
    }
}

/// RFC 6902 section 4.5.
fn copy<'p, D: Document<'p>>(
    document: &mut D,
    from: Tokens<'p>,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<(), Failure<'p>> {
    let value = copied(document, from, path, context)?;
    put_and_record(document, path, Cow::Owned(value), context).map_err(|refusal| refusal.at(path))
}

/// The value that a `copy` puts at `path`. Every copy counts, whatever becomes of it.
pub(crate) fn copied<'p, D: Document<'p>>(
    document: &mut D,
    from: Tokens<'p>,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<ValueOf<'p, D>, Failure<'p>> {
    source(document, from, context, |node, context| {
        context.check_depth_of(path, |levels, context| D::Nodes::is_deeper_than(node, levels, context))?;
        context.copy(|limit| D::Nodes::copy_within(node, limit))
    })
    .map_err(|refusal| refusal.at(from))?
    .map_err(|refusal: Refusal| refusal.at(path))
}

/// Looks at the value that a `move` or a `copy` takes.
fn source<'p, D: Document<'p>, T>(
    document: &mut D,
    from: Tokens<'p>,
    context: &mut Context,
    look: impl FnOnce(&mut NodeOf<'_, 'p, D>, &mut Context) -> T,
) -> Result<T, Refusal> {
    document.visit(from, End::Value, context, |node, _, context| node.map(|mut node| look(&mut node, context)))
}

/// RFC 6902 section 4.6.
pub(crate) fn test<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: &ValueOf<'p, D>,
    context: &mut Context,
) -> Result<(), Refusal> {
    let is_equal =
        document.visit(path, End::Value, context, |place, _, context| D::Nodes::equals(&mut place?, value, context))?;
    if is_equal { Ok(()) } else { Err(PatchErrorKind::TestFailed.into()) }
}

/// How many tokens of a path lead to the first part of it that does not exist, and why; `None` if all of it exists.
fn first_absent<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<Option<(usize, Absence)>, Refusal> {
    let length = path.count();
    let (mut node, mut rest) = (document.start(), path);
    loop {
        // How many tokens lead to this node.
        let place = length - rest.count();
        let Some(token) = rest.next() else { return Ok(None) };
        node = match D::Nodes::open(node)? {
            Container::Null => return Ok(Some((place, Absence::Null))),
            Container::Scalar => return Ok(Some((place, Absence::Scalar))),
            Container::Object(object) => match D::Nodes::member(object, &token.name(), context)? {
                Some(member) => member,
                None => return Ok(Some((place + 1, Absence::Missing))),
            },
            Container::Array(array) => {
                let length = D::Nodes::length(&array);
                match (token.existing_index(length), token.insertion_index(length)) {
                    (Ok(index), _) => D::Nodes::element(array, index)?,
                    (Err(_), Ok(_)) => return Ok(Some((place + 1, Absence::Missing))),
                    (Err(error), Err(_)) => return Err(error.into()),
                }
            }
        };
    }
}

/// Says of a path that does not exist which part of it is the first one that does not.
#[cold]
fn explain<'p, D: Document<'p>>(document: &mut D, failure: Failure<'p>, case: Case) -> Failure<'p> {
    let Failure { refusal: Refusal::Plain(kind @ PatchErrorKind::NotFound), path } = failure else { return failure };
    match first_absent(document, path, &mut Context::unlimited(case)) {
        Ok(Some((tokens, why))) => {
            let missing = Some(Box::new(MissingPart { path: path.split_at(tokens).0.to_pointer(), why }));
            Refusal::Detailed(Box::new(Detail { kind, path: None, message: None, expected: None, missing })).at(path)
        }
        Ok(None) | Err(_) => kind.at(path),
    }
}

/// How a place lies to a value.
pub(crate) enum Lies {
    /// It is the value's own place.
    There,
    /// It is somewhere inside the value.
    Inside,
}

/// Whether `path` leads to the value at `from`, which exists, or into it. Where case is ignored, two paths of different
/// spelling may lead to one value, so that members are compared and not tokens.
pub(crate) fn leads_into<'p, D: Document<'p>>(
    document: &mut D,
    from: Tokens<'p>,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<Option<Lies>, Refusal> {
    let length = from.count();
    let Some(below) = path.count().checked_sub(length) else { return Ok(None) };
    let is_prefix = match context.case {
        Case::Exact => from.eq(path.take(length)),
        Case::Folded => {
            let source = positions::<D::Nodes>(document.start(), from, context)?;
            positions::<D::Nodes>(document.start(), path.take(length), context).is_ok_and(|place| place == source)
        }
    };
    Ok(is_prefix.then_some(if below == 0 { Lies::There } else { Lies::Inside }))
}

/// The positions of the members and elements that the tokens lead through.
fn positions<'t, N: ObjectNodes + ArrayNodes>(
    start: N::Node<'_>,
    tokens: impl Iterator<Item = Token<'t>>,
    context: &mut Context,
) -> Result<Vec<usize>, Refusal> {
    let mut node = start;
    let mut positions = Vec::new();
    for token in tokens {
        let (position, next) = match N::open(node)? {
            Container::Object(mut object) => {
                let Some(position) = N::find(&mut object, &token.name(), context)? else { break };
                match N::member(object, &token.name(), context)? {
                    Some(member) => (position, member),
                    None => break,
                }
            }
            Container::Array(array) => {
                let index = token.existing_index(N::length(&array))?;
                (index, N::element(array, index)?)
            }
            Container::Null | Container::Scalar => break,
        };
        positions.push(position);
        node = next;
    }
    Ok(positions)
}
