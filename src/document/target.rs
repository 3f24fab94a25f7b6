//! The questions that a target document answers so that it can be patched.
//!
//! A tree answers them in place, a text by notes on the record of its values, and a recorder writes a list of operations
//! instead. A node, an object and an array are types with a lifetime of their own, so that a rule can look at one member
//! of an object after the other without recursion in the bounds.

use std::borrow::Cow;

use super::{
    context::Context,
    failure::{PatchErrorKind, Refusal},
};
use crate::patch::pointer::{Token, Tokens};

/// The places of a document: each can be looked at, entered, and given another value.
pub(crate) trait Nodes {
    /// A value on its own: on its way into the document, or out of it.
    type Value: Clone + 'static;
    type Node<'n>
    where
        Self: 'n;
    type Object<'n>
    where
        Self: 'n;
    type Array<'n>
    where
        Self: 'n;

    /// What the value here holds.
    fn open<'n>(node: Self::Node<'n>) -> Result<OpenedNode<'n, Self>, Refusal>;

    /// The same place, for a while.
    fn reborrow<'a>(node: &'a mut Self::Node<'_>) -> Self::Node<'a>;

    /// Replaces the value here and hands the old one out. A value that is borrowed is copied as late as here.
    fn set(node: Self::Node<'_>, value: Cow<'_, Self::Value>) -> Result<Self::Value, Refusal>;

    /// Whether the value here is equal to another one. What it costs beyond the length of that one is accounted for.
    fn equals(node: &mut Self::Node<'_>, value: &Self::Value, context: &mut Context) -> Result<bool, Refusal>;

    /// Whether the value here is nested deeper than `limit` levels. What is looked through for it is accounted for.
    fn is_deeper_than(node: &Self::Node<'_>, limit: usize, context: &mut Context) -> Result<bool, Refusal>;

    /// A copy of the value here, and its length as compact JSON, if that is at most `limit` bytes.
    fn copy_within(node: &mut Self::Node<'_>, limit: usize) -> Result<Option<(Self::Value, usize)>, Refusal>;
}

/// The objects of a document.
pub(crate) trait ObjectNodes: Nodes {
    /// The same object, for a while.
    fn reborrow_object<'a>(object: &'a mut Self::Object<'_>) -> Self::Object<'a>;

    /// Identifies the member that a name selects among the others of its object.
    fn find(object: &mut Self::Object<'_>, name: &str, context: &mut Context) -> Result<Option<usize>, Refusal>;

    /// Goes to the member that a name selects.
    fn member<'n>(
        object: Self::Object<'n>,
        name: &str,
        context: &mut Context,
    ) -> Result<Option<Self::Node<'n>>, Refusal>;

    /// Calls `act` with the member that a name selects, or with the object where there is none.
    fn entry<T, E: From<Refusal>>(
        object: Self::Object<'_>,
        name: &str,
        context: &mut Context,
        act: impl FnOnce(MemberEntry<'_, Self>, &mut Context) -> Result<T, E>,
    ) -> Result<T, E>;

    /// Inserts a member; none has this name.
    fn insert(object: Self::Object<'_>, name: &str, value: Cow<'_, Self::Value>) -> Result<(), Refusal>;

    /// Removes the member that a name selects.
    fn remove(
        object: Self::Object<'_>,
        name: &str,
        context: &mut Context,
    ) -> Result<Option<Removed<Self::Value>>, Refusal>;
}

/// The arrays of a document.
pub(crate) trait ArrayNodes: Nodes {
    fn length(array: &Self::Array<'_>) -> usize;

    /// How many elements are shifted when one is inserted or removed at this index.
    fn shifted(array: &Self::Array<'_>, index: usize) -> usize;

    /// Goes to an element; the index is below the length.
    fn element<'n>(array: Self::Array<'n>, index: usize) -> Result<Self::Node<'n>, Refusal>;

    /// Inserts an element; the index is at most the length.
    fn insert_element(array: Self::Array<'_>, index: usize, value: Cow<'_, Self::Value>) -> Result<(), Refusal>;

    /// Removes an element; the index is below the length.
    fn remove_element(array: Self::Array<'_>, index: usize) -> Result<Self::Value, Refusal>;
}

/// A document as a whole. Its paths live as long as what it records.
pub(crate) trait Document<'p> {
    type Nodes: ObjectNodes + ArrayNodes;

    /// The node from which a path is walked.
    fn start(&mut self) -> NodeOf<'_, 'p, Self>;

    /// Resolves `path` as far as `end` says, then calls `act` with the node, or with the reason why there is none, and
    /// with the token that is left.
    #[inline(always)]
    fn visit<T>(
        &mut self,
        path: Tokens<'p>,
        end: End,
        context: &mut Context,
        act: impl FnOnce(Result<NodeOf<'_, 'p, Self>, Refusal>, Option<Token<'p>>, &mut Context) -> T,
    ) -> T {
        let (tokens, last) = end.of(path);
        let place = walk::<Self::Nodes>(self.start(), tokens, context);
        act(place, last, context)
    }

    /// Removes the value from which the path is walked.
    fn remove_start(&mut self, _path: Tokens<'p>) -> Result<(Change, ValueOf<'p, Self>), Refusal> {
        Err(PatchErrorKind::RootRemoved.into())
    }

    /// The value with the containers around it that lead from `place`, which is missing, down to it.
    fn nest(
        &mut self,
        place: Tokens<'p>,
        below: Tokens<'p>,
        value: ValueOf<'p, Self>,
    ) -> Result<ValueOf<'p, Self>, Refusal>;

    /// Keeps what it takes to undo a change: the value that was there before, or `None` where the next change to be
    /// recorded holds it, because it was moved.
    fn record(&mut self, path: Tokens<'p>, change: Change, old: Option<ValueOf<'p, Self>>);
}

/// A place in a document.
pub(crate) type NodeOf<'n, 'p, D> = <<D as Document<'p>>::Nodes as Nodes>::Node<'n>;

/// A value of a document.
pub(crate) type ValueOf<'p, D> = <<D as Document<'p>>::Nodes as Nodes>::Value;

/// What a node holds.
pub(crate) type OpenedNode<'n, N> = Container<<N as Nodes>::Object<'n>, <N as Nodes>::Array<'n>>;

/// What a name leads to from an object.
pub(crate) type MemberEntry<'n, N> = Member<<N as Nodes>::Node<'n>, <N as Nodes>::Object<'n>>;

/// A value, by what it holds.
pub(crate) enum Container<O, A> {
    Object(O),
    Array(A),
    Null,
    Scalar,
}

/// What a name leads to from an object.
pub(crate) enum Member<N, O> {
    /// This member.
    Occupied(N),
    /// No member; this is still the object.
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
    /// In a box, so that the others take little room.
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

/// Puts a value into the containers that tokens lead through: an array where the token is `-` or `0`, else an object.
/// `wrap` makes one of them; an element has no name.
pub(crate) fn nest<V>(
    below: Tokens<'_>,
    value: V,
    mut wrap: impl FnMut(Option<Cow<'_, str>>, V) -> Result<V, Refusal>,
) -> Result<V, Refusal> {
    let (mut below, mut value) = (below, value);
    while let Some((parents, last)) = below.split_last() {
        let name = last.name();
        value = wrap(if matches!(&*name, "-" | "0") { None } else { Some(name) }, value)?;
        below = parents;
    }
    Ok(value)
}

/// Follows tokens from a node to the value that they lead to.
pub(crate) fn walk<'n, N: ObjectNodes + ArrayNodes>(
    start: N::Node<'n>,
    tokens: Tokens<'_>,
    context: &mut Context,
) -> Result<N::Node<'n>, Refusal> {
    let mut node = start;
    for token in tokens {
        node = step::<N>(node, token, context)?;
    }
    Ok(node)
}

fn step<'n, N: ObjectNodes + ArrayNodes>(
    node: N::Node<'n>,
    token: Token<'_>,
    context: &mut Context,
) -> Result<N::Node<'n>, Refusal> {
    match N::open(node)? {
        Container::Object(object) => N::member(object, &token.name(), context)?.ok_or(PatchErrorKind::NotFound.into()),
        Container::Array(array) => {
            let index = token.existing_index(N::length(&array))?;
            N::element(array, index)
        }
        Container::Null | Container::Scalar => Err(PatchErrorKind::NotFound.into()),
    }
}
