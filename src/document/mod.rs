//! The rules of the six operations (RFC 6902 section 4), written once over the few questions that they ask of a
//! document, and the error of an operation that fails.
//!
//! What answers the questions is a [`Node`]: a place in a tree (`tree`), and whatever else can be patched.

pub(crate) mod merge;

use std::{borrow::Cow, fmt};

use crate::{
    dialect::Dialect,
    json::name::{self, Case, Found},
    patch::{
        operation::{Operation, Place},
        pointer::{IndexError, Pointer, Token, Tokens},
    },
};

/// A place in a document: it can be looked at, walked from, and given another value.
pub(crate) trait Node: Sized {
    /// A value on its own: on its way into the document, or out of it.
    type Value;
    type Object: Object<Node = Self, Value = Self::Value>;
    type Array: Array<Node = Self, Value = Self::Value>;

    /// What the value here is made of.
    fn open(self) -> Result<Container<Self::Object, Self::Array>, PatchErrorKind>;

    /// Whether the value here is equal to another one. What it costs beyond the length of that one is accounted for.
    fn equals_within(&mut self, value: &Self::Value, context: &mut Context) -> Result<bool, PatchErrorKind>;

    /// The same, outside of an operation.
    fn equals(&mut self, value: &Self::Value) -> Result<bool, PatchErrorKind> {
        self.equals_within(value, &mut Context::unlimited(Case::Exact))
    }

    /// Whether the value here is nested deeper than `limit` levels. What is looked through for it is accounted for.
    fn is_deeper_than(&self, limit: usize, context: &mut Context) -> Result<bool, PatchErrorKind>;

    /// A copy of the value here, and its length as compact JSON, if that is at most `limit` bytes.
    fn copy_within(&mut self, limit: usize) -> Option<(Self::Value, usize)>;

    /// Replaces the value here and hands the old one out.
    fn set(self, value: Self::Value) -> Self::Value;
}

/// A value, by what it holds.
pub(crate) enum Container<O, A> {
    Object(O),
    Array(A),
    Scalar,
}

/// An object in a document.
pub(crate) trait Object: Sized {
    type Value;
    type Node;

    /// The position of the member that a name stands for.
    fn find(&mut self, name: &str, case: Case) -> Found;

    /// Goes to the member that a name stands for, or stays.
    fn entry(self, name: &str, context: &mut Context) -> Result<Entry<Self::Node, Self>, PatchErrorKind>;

    /// Inserts a member whose name no member has exactly.
    fn insert(self, name: &str, value: Self::Value);

    /// Gives a value to the member that a name stands for, or inserts one. If it fails, the value comes back.
    fn put<V: Operand<Self::Value>>(
        self,
        name: &str,
        value: V,
        context: &mut Context,
    ) -> Result<Written<Self::Value>, (PatchErrorKind, V)>
    where
        Self::Node: Node<Value = Self::Value>,
    {
        match self.entry(name, context) {
            Ok(Entry::Occupied(member)) => Ok((Change::Replaced, Some(member.set(value.into_value())))),
            Ok(Entry::Vacant(object)) => {
                object.insert(name, value.into_value());
                Ok((Change::InsertedMember, None))
            }
            Err(kind) => Err((kind, value)),
        }
    }

    /// Removes the member that a name stands for.
    fn remove(self, name: &str, context: &mut Context) -> Result<Option<Removed<Self::Value>>, PatchErrorKind>;
}

/// An array in a document.
pub(crate) trait Array: Sized {
    type Value;
    type Node;

    fn length(&self) -> usize;

    /// How many elements are shifted when one is inserted or removed at this index.
    fn shifted(&self, index: usize) -> usize;

    /// Goes to an element; the index is below the length.
    fn element(self, index: usize) -> Self::Node;

    /// Inserts an element; the index is at most the length.
    fn insert(self, index: usize, value: Self::Value);

    /// Removes an element; the index is below the length.
    fn remove(self, index: usize) -> Self::Value;
}

/// Where a name leads to from an object.
pub(crate) enum Entry<N, O> {
    /// To this member.
    Occupied(N),
    /// To no member; this is still the object.
    Vacant(O),
}

/// A member that was removed.
pub(crate) struct Removed<V> {
    pub(crate) value: V,
    pub(crate) name: String,
    /// Among the members of its object, 0-based.
    pub(crate) position: usize,
}

/// What an operation did to the place that its path leads to.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Another value took the place of the one that was there.
    Replaced,
    /// The last token of the path is now a member.
    InsertedMember,
    InsertedElement {
        index: usize,
    },
    /// Apart, so that the others take little room.
    RemovedMember(Box<MemberPlace>),
    RemovedElement {
        index: usize,
    },
}

/// Where a member was.
#[derive(Clone, Debug)]
pub(crate) struct MemberPlace {
    pub(crate) name: String,
    /// Among the members of its object, 0-based.
    pub(crate) position: usize,
}

/// What was done, and the value that was there before.
pub(crate) type Written<V> = (Change, Option<V>);

/// A document as a whole.
pub(crate) trait Document<'p> {
    type Value;
    type Node<'d>: Node<Value = Self::Value>
    where
        Self: 'd;

    /// The node from which a path is walked, and the tokens that are walked from there.
    fn start(&mut self, path: Tokens<'p>) -> Result<(Self::Node<'_>, Tokens<'p>), PatchErrorKind>;

    /// Goes where a path leads to, and does something there, or with the reason why it leads nowhere. With the place
    /// comes the token that is left, if the path is to be followed to the last container and not to its end.
    #[inline(always)]
    fn visit<T>(
        &mut self,
        path: Tokens<'p>,
        end: End,
        context: &mut Context,
        act: impl FnOnce(Result<Self::Node<'_>, PatchErrorKind>, Option<Token<'p>>, &mut Context) -> T,
    ) -> T {
        let (start, tokens) = match self.start(path) {
            Ok(start) => start,
            Err(kind) => return act(Err(kind), None, context),
        };
        let (tokens, last) = end.of(tokens);
        let place = walk(start, tokens, context);
        act(place, last, context)
    }

    /// Removes the value from which the path is walked.
    fn remove_start(&mut self, _path: Tokens<'p>) -> Result<(Change, Self::Value), PatchErrorKind> {
        Err(PatchErrorKind::RootRemoved)
    }

    /// Keeps what it takes to undo a change: the value that was there before, or `None` where the next change to be
    /// recorded holds it, because it was moved.
    fn record(&mut self, path: Tokens<'p>, change: Change, old: Option<Self::Value>);
}

/// How far a path is followed.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// To the value that it leads to.
    Value,
    /// To the container around that value; only where there is none, to the value.
    Container,
}

impl End {
    /// The tokens that are followed, and the one that is left.
    #[inline]
    pub(crate) fn of(self, tokens: Tokens<'_>) -> (Tokens<'_>, Option<Token<'_>>) {
        match self {
            End::Value => (tokens, None),
            End::Container => tokens.split_last().map_or((tokens, None), |(parents, last)| (parents, Some(last))),
        }
    }
}

/// A value of a patch, which is only copied once its place is found.
pub(crate) trait Operand<V> {
    fn get(&self) -> &V;
    fn into_value(self) -> V;
}

impl<V: Clone> Operand<V> for Cow<'_, V> {
    fn get(&self) -> &V {
        self
    }

    fn into_value(self) -> V {
        self.into_owned()
    }
}

/// The rules and the budgets that hold while one patch is applied.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) case: Case,
    pub(crate) move_and_copy: bool,
    pub(crate) depth: usize,
    copied_bytes_left: usize,
    work: usize,
    pub(crate) work_left: usize,
    pub(crate) most_at_once: usize,
}

impl Context {
    pub(crate) fn new(dialect: &Dialect) -> Context {
        Context {
            case: dialect.case(),
            move_and_copy: dialect.move_and_copy,
            depth: dialect.limits.depth(),
            copied_bytes_left: dialect.limits.copied_bytes,
            work: dialect.limits.work,
            work_left: dialect.limits.work,
            most_at_once: 0,
        }
    }

    /// For what was done within the budgets already.
    pub(crate) fn unlimited(case: Case) -> Context {
        Context {
            case,
            move_and_copy: true,
            depth: usize::MAX,
            copied_bytes_left: usize::MAX,
            work: usize::MAX,
            work_left: usize::MAX,
            most_at_once: 0,
        }
    }

    /// Accounts for members that are searched or shifted one by one, or elements that are shifted.
    pub(crate) fn work(&mut self, items: usize) -> Result<(), PatchErrorKind> {
        self.work_left = self.work_left.checked_sub(items).ok_or(PatchErrorKind::TooMuchWork)?;
        self.most_at_once = self.most_at_once.max(items);
        Ok(())
    }

    /// What may still be done, for one who accounts for it step by step.
    pub(crate) fn work_left(&mut self) -> &mut usize {
        &mut self.work_left
    }

    /// What was accounted for so far.
    pub(crate) fn worked(&self) -> usize {
        self.work - self.work_left
    }

    /// Refuses a value whose depth, with the tokens that lead to its place, is above the limit.
    pub(crate) fn check_depth(
        &self,
        path: Tokens<'_>,
        is_deeper_than: impl FnOnce(usize) -> bool,
    ) -> Result<(), PatchErrorKind> {
        match self.levels_below(path)? {
            levels if is_deeper_than(levels) => Err(PatchErrorKind::TooDeep { limit: self.depth }),
            _ => Ok(()),
        }
    }

    /// The same for a value of the document.
    fn check_depth_of<N: Node>(&mut self, node: &N, path: Tokens<'_>) -> Result<(), PatchErrorKind> {
        let levels = self.levels_below(path)?;
        match node.is_deeper_than(levels, self)? {
            true => Err(PatchErrorKind::TooDeep { limit: self.depth }),
            false => Ok(()),
        }
    }

    /// How many levels a value may have at a place.
    fn levels_below(&self, path: Tokens<'_>) -> Result<usize, PatchErrorKind> {
        self.depth.checked_sub(path.count()).ok_or(PatchErrorKind::TooDeep { limit: self.depth })
    }
}

/// Why an operation failed, and which of its pointers leads to the place where it did.
#[derive(Debug)]
pub(crate) struct Failure<'p> {
    pub(crate) kind: PatchErrorKind,
    pub(crate) path: Tokens<'p>,
}

impl PatchErrorKind {
    pub(crate) fn at<'p>(self, path: Tokens<'p>) -> Failure<'p> {
        Failure { kind: self, path }
    }
}

impl Failure<'_> {
    pub(crate) fn of_operation(self, operation: Option<usize>) -> PatchError {
        PatchError { kind: self.kind, operation, path: self.path.to_pointer() }
    }
}

/// Carries one operation out. If it fails, what it changed until then is recorded.
#[inline(always)]
pub(crate) fn execute<'p, D: Document<'p>, V: Operand<D::Value>>(
    document: &mut D,
    step: Operation<Tokens<'p>, V>,
    context: &mut Context,
) -> Result<(), Failure<'p>> {
    match step {
        Operation::Add { path, value } => add(document, path, value, context).map_err(|kind| kind.at(path)),
        Operation::Remove { path } => {
            let (change, old) = remove(document, path, context).map_err(|kind| kind.at(path))?;
            document.record(path, change, Some(old));
            Ok(())
        }
        Operation::Replace { path, value } => replace(document, path, value, context).map_err(|kind| kind.at(path)),
        Operation::Move { from, path } => move_value(document, from, path, context),
        Operation::Copy { from, path } => copy(document, from, path, context),
        Operation::Test { path, value } => test(document, path, value.get(), context).map_err(|kind| kind.at(path)),
    }
}

/// Whether an operation leaves the document as it is, for a place where nothing else may be written.
pub(crate) fn leaves_equal<'p, D: Document<'p>, V: Operand<D::Value>>(
    document: &mut D,
    step: &Operation<Tokens<'p>, V>,
    context: &mut Context,
) -> Result<bool, Failure<'p>> {
    match *step {
        Operation::Add { path, ref value } => holds(document, path, value.get(), context).map_err(|kind| kind.at(path)),
        Operation::Replace { path, ref value } => match test(document, path, value.get(), context) {
            Err(kind @ PatchErrorKind::TooMuchWork) => Err(kind.at(path)),
            tested => Ok(tested.is_ok()),
        },
        Operation::Move { from, path } => {
            let lies = leads_into(document, from, path, context).map_err(|kind| kind.at(path))?;
            Ok(matches!(lies, Some(Lies::There)))
        }
        Operation::Copy { from, path } => {
            let value = copied(document, from, path, context)?;
            holds(document, path, &value, context).map_err(|kind| kind.at(path))
        }
        Operation::Remove { .. } => Ok(false),
        Operation::Test { .. } => Ok(true),
    }
}

/// Whether adding the value would replace an equal one.
fn holds<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: &D::Value,
    context: &mut Context,
) -> Result<bool, PatchErrorKind> {
    let held = document.visit(path, End::Container, context, |place, last, context| match last {
        None => place?.equals_within(value, context),
        Some(last) => match place?.open()? {
            Container::Object(object) => match object.entry(&last.name(), context)? {
                Entry::Occupied(mut member) => member.equals_within(value, context),
                Entry::Vacant(_) => Ok(false),
            },
            Container::Array(_) | Container::Scalar => Ok(false),
        },
    });
    match held {
        Err(kind @ PatchErrorKind::TooMuchWork) => Err(kind),
        held => Ok(held == Ok(true)),
    }
}

/// RFC 6902 section 4.1.
fn add<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: impl Operand<D::Value>,
    context: &mut Context,
) -> Result<(), PatchErrorKind> {
    let (change, old) = put(document, path, value, context).map_err(|(kind, _)| kind)?;
    document.record(path, change, old);
    Ok(())
}

/// Adds a value, which is only taken once its place is found. If there is none, it comes back.
fn put<'p, D: Document<'p>, V: Operand<D::Value>>(
    document: &mut D,
    path: Tokens<'p>,
    value: V,
    context: &mut Context,
) -> Result<Written<D::Value>, (PatchErrorKind, V)> {
    document.visit(path, End::Container, context, |place, last, context| {
        let place = match place {
            Ok(place) => place,
            Err(kind) => return Err((kind, value)),
        };
        let Some(last) = last else { return Ok((Change::Replaced, Some(place.set(value.into_value())))) };
        match place.open() {
            Ok(Container::Object(object)) => object.put(&last.name(), value, context),
            Ok(Container::Array(array)) => match insertion_index(&array, last, context) {
                Ok(index) => {
                    array.insert(index, value.into_value());
                    Ok((Change::InsertedElement { index }, None))
                }
                Err(kind) => Err((kind, value)),
            },
            Ok(Container::Scalar) => Err((PatchErrorKind::NotFound, value)),
            Err(kind) => Err((kind, value)),
        }
    })
}

/// Where a token puts an element. What that shifts is accounted for.
fn insertion_index(array: &impl Array, token: Token<'_>, context: &mut Context) -> Result<usize, PatchErrorKind> {
    let index = token.insertion_index(array.length())?;
    context.work(array.shifted(index))?;
    Ok(index)
}

/// RFC 6902 section 4.2. What it changed is the caller's to record.
fn remove<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<(Change, D::Value), PatchErrorKind> {
    let removed = document.visit(path, End::Container, context, |place, last, context| {
        let (place, Some(last)) = (place?, last) else { return Ok(None) };
        match place.open()? {
            Container::Object(object) => match object.remove(&last.name(), context)? {
                Some(Removed { value, name, position }) => {
                    Ok(Some((Change::RemovedMember(Box::new(MemberPlace { name, position })), value)))
                }
                None => Err(PatchErrorKind::NotFound),
            },
            Container::Array(array) => {
                let index = last.existing_index(array.length())?;
                context.work(array.shifted(index))?;
                Ok(Some((Change::RemovedElement { index }, array.remove(index))))
            }
            Container::Scalar => Err(PatchErrorKind::NotFound),
        }
    })?;
    removed.map_or_else(|| document.remove_start(path), Ok)
}

/// RFC 6902 section 4.3.
fn replace<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: impl Operand<D::Value>,
    context: &mut Context,
) -> Result<(), PatchErrorKind> {
    let old =
        document.visit(path, End::Value, context, |place, _, _| place.map(|place| place.set(value.into_value())))?;
    document.record(path, Change::Replaced, Some(old));
    Ok(())
}

/// RFC 6902 section 4.4. A `move` to a place that is not there leaves the value where it was.
fn move_value<'p, D: Document<'p>>(
    document: &mut D,
    from: Tokens<'p>,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<(), Failure<'p>> {
    source(document, from, context, |node, context| context.check_depth_of(node, path))
        .map_err(|kind| kind.at(from))?
        .map_err(|kind| kind.at(path))?;
    match leads_into(document, from, path, context).map_err(|kind| kind.at(path))? {
        Some(Lies::There) => return Ok(()),
        Some(Lies::Inside) => return Err(PatchErrorKind::MoveIntoItself.at(path)),
        None => {}
    }
    let (removed, value) = remove(document, from, context).map_err(|kind| kind.at(from))?;
    match put(document, path, Moved(value), context) {
        Ok((change, old)) => {
            document.record(from, removed, None);
            document.record(path, change, old);
            Ok(())
        }
        Err((kind, Moved(value))) => {
            document.record(from, removed, Some(value));
            Err(kind.at(path))
        }
    }
}

/// A value of the document itself.
struct Moved<V>(V);

impl<V> Operand<V> for Moved<V> {
    fn get(&self) -> &V {
        &self.0
    }

    fn into_value(self) -> V {
        self.0
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
    add(document, path, Moved(value), context).map_err(|kind| kind.at(path))
}

/// The value that a `copy` puts at `path`. Every copy counts, whatever becomes of it.
pub(crate) fn copied<'p, D: Document<'p>>(
    document: &mut D,
    from: Tokens<'p>,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<D::Value, Failure<'p>> {
    source(document, from, context, |node, context| {
        context.check_depth_of(node, path)?;
        let (value, length) = node.copy_within(context.copied_bytes_left).ok_or(PatchErrorKind::CopiesTooLarge)?;
        context.copied_bytes_left -= length;
        Ok(value)
    })
    .map_err(|kind| kind.at(from))?
    .map_err(|kind: PatchErrorKind| kind.at(path))
}

/// Looks at the value that a `move` or a `copy` takes.
fn source<'p, D: Document<'p>, T>(
    document: &mut D,
    from: Tokens<'p>,
    context: &mut Context,
    look: impl FnOnce(&mut D::Node<'_>, &mut Context) -> T,
) -> Result<T, PatchErrorKind> {
    document.visit(from, End::Value, context, |node, _, context| node.map(|mut node| look(&mut node, context)))
}

/// RFC 6902 section 4.6.
fn test<'p, D: Document<'p>>(
    document: &mut D,
    path: Tokens<'p>,
    value: &D::Value,
    context: &mut Context,
) -> Result<(), PatchErrorKind> {
    let is_equal =
        document.visit(path, End::Value, context, |place, _, context| place?.equals_within(value, context))?;
    if is_equal { Ok(()) } else { Err(PatchErrorKind::TestFailed) }
}

/// Follows tokens from a node to the value that they lead to.
pub(crate) fn walk<N: Node>(start: N, tokens: Tokens<'_>, context: &mut Context) -> Result<N, PatchErrorKind> {
    let mut node = start;
    for token in tokens {
        node = step(node, token, context)?;
    }
    Ok(node)
}

fn step<N: Node>(node: N, token: Token<'_>, context: &mut Context) -> Result<N, PatchErrorKind> {
    match node.open()? {
        Container::Object(object) => match object.entry(&token.name(), context)? {
            Entry::Occupied(member) => Ok(member),
            Entry::Vacant(_) => Err(PatchErrorKind::NotFound),
        },
        Container::Array(array) => {
            let index = token.existing_index(array.length())?;
            Ok(array.element(index))
        }
        Container::Scalar => Err(PatchErrorKind::NotFound),
    }
}

/// How a place lies to a value.
enum Lies {
    /// It is the value's own place.
    There,
    /// It is somewhere inside the value.
    Inside,
}

/// Whether `path` leads to the value at `from`, which exists, or into it. Where case is ignored, two paths that are
/// spelt differently may lead to one value, so that members are compared and not tokens.
fn leads_into<'p, D: Document<'p>>(
    document: &mut D,
    from: Tokens<'p>,
    path: Tokens<'p>,
    context: &mut Context,
) -> Result<Option<Lies>, PatchErrorKind> {
    let length = from.count();
    let Some(below) = path.count().checked_sub(length) else { return Ok(None) };
    let is_prefix = match context.case {
        Case::Exact => from.eq(path.take(length)),
        Case::Folded => {
            let (start, tokens) = document.start(from)?;
            // The names that the document has walked already are all different under case folding.
            let walked = length - tokens.count();
            let source = positions(start, tokens, context)?;
            let (start, tokens) = document.start(path)?;
            let mut starts = from.zip(path).take(walked);
            starts.all(|(from, path)| name::equal_folded(&from.name(), &path.name()))
                && positions(start, tokens.take(length - walked), context).is_ok_and(|place| place == source)
        }
    };
    Ok(is_prefix.then_some(if below == 0 { Lies::There } else { Lies::Inside }))
}

/// The positions of the members and elements that the tokens lead through.
fn positions<'t, N: Node>(
    start: N,
    tokens: impl Iterator<Item = Token<'t>>,
    context: &mut Context,
) -> Result<Vec<Found>, PatchErrorKind> {
    let mut node = start;
    let mut positions = Vec::new();
    for token in tokens {
        let (position, next) = match node.open()? {
            Container::Object(mut object) => {
                let found = object.find(&token.name(), context.case);
                let Entry::Occupied(member) = object.entry(&token.name(), context)? else { break };
                (found, member)
            }
            Container::Array(array) => {
                let index = token.existing_index(array.length())?;
                (Found::At(index), array.element(index))
            }
            Container::Scalar => break,
        };
        positions.push(position);
        node = next;
    }
    Ok(positions)
}

/// A patch that does not fit the document.
///
/// Its message says which operation, which path and what was expected of it; it shows no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchError {
    kind: PatchErrorKind,
    operation: Option<usize>,
    path: Pointer,
}

impl PatchError {
    pub(crate) fn new(kind: PatchErrorKind, operation: Option<usize>, path: Pointer) -> PatchError {
        PatchError { kind, operation, path }
    }

    /// What was expected of the document, and does not hold.
    pub fn kind(&self) -> &PatchErrorKind {
        &self.kind
    }

    /// The operation that failed, 0-based; `None` for a merge patch, whose list the client never saw.
    pub fn operation(&self) -> Option<usize> {
        self.operation
    }

    /// Where it failed: the operation's `path` or its `from`, or the member that was left with a value that it cannot
    /// hold.
    pub fn path(&self) -> Option<&Pointer> {
        Some(&self.path)
    }

    /// The same error of a list that the client never saw.
    pub(crate) fn without_operation(mut self) -> PatchError {
        self.operation = None;
        self
    }
}

impl std::error::Error for PatchError {}

impl fmt::Display for PatchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", Place { operation: self.operation, path: Some(&self.path) }, self.kind)
    }
}

/// Why a patch does not fit a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchErrorKind {
    /// `test-failed` (RFC 6902 section 4.6).
    #[error("the value is not the expected one")]
    TestFailed,
    /// `not-found`: no value is there, or nothing that could hold one.
    #[error("nothing is there")]
    NotFound,
    /// `index-out-of-bounds`.
    #[error("the index is beyond the end of the array")]
    IndexOutOfBounds,
    /// `not-an-index`: an element is named by `0`, by digits without a leading zero or, where one is put, by `-`.
    #[error("an element is named by 0, by digits without a leading zero or, where one is added, by `-`")]
    NotAnIndex,
    /// `ambiguous-name`: two or more members have this name.
    #[error("two or more members have this name")]
    AmbiguousName,
    /// `unsupported-operation`: the dialect has no `move` and no `copy`.
    #[error("`move` and `copy` are not supported")]
    UnsupportedOperation,
    /// `unknown-member`: the entity does not declare it.
    #[error("the entity has no such member")]
    UnknownMember,
    /// `read-only`.
    #[error("the member is read-only")]
    ReadOnly,
    /// `invalid-value`: the member, or the entity, cannot hold it.
    #[error("the value has the wrong type, or is none of those that are allowed")]
    InvalidValue,
    /// `not-an-object`: the dialect wants a merge patch that is an object.
    #[error("a merge patch is an object")]
    NotAnObject,
    /// `root-removed`.
    #[error("the whole document cannot be removed")]
    RootRemoved,
    /// `move-into-itself` (RFC 6902 section 4.4).
    #[error("a value cannot be moved into itself")]
    MoveIntoItself,
    /// `too-deep`: the tokens of the path and the levels of the value are counted together.
    #[error("the value would be nested deeper than {limit} levels")]
    TooDeep {
        /// In levels of containers.
        limit: usize,
    },
    /// `copies-too-large`.
    #[error("the patch copies more than the limit: it has to be split")]
    CopiesTooLarge,
    /// `too-much-work`.
    #[error("the patch shifts, searches or compares more than the limit: it has to be split")]
    TooMuchWork,
}

impl From<IndexError> for PatchErrorKind {
    fn from(error: IndexError) -> PatchErrorKind {
        match error {
            IndexError::NotAnIndex => PatchErrorKind::NotAnIndex,
            IndexError::OutOfBounds => PatchErrorKind::IndexOutOfBounds,
            // `-` names nothing.
            IndexError::End => PatchErrorKind::NotFound,
        }
    }
}
