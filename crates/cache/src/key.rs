//! From everything that changes an answer to one number that stands for it.

use crate::scope::Scope;
use api_types::ClientName;
use sha2::{Digest, Sha256};
use std::fmt;

/// Raised when the meaning of a piece changes, so that nodes of two releases share nothing.
const VERSION: u8 = 1;

/// The hash of everything that changes an answer. Only [`KeyBuilder`] makes one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

impl CacheKey {
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CacheKey({self})")
    }
}

/// A key, and the scopes whose generations decide whether what is kept under it is still true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    pub(crate) key: CacheKey,
    pub(crate) scopes: Box<[Scope]>,
}

impl Lookup {
    pub fn key(&self) -> &CacheKey {
        &self.key
    }
}

/// Whose eyes an answer is for. Answers are shared only within one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility<'a> {
    Anonymous,
    /// A key, by its id; never by its text.
    Key(&'a str),
    /// A database role, with the claims its policies can look at.
    Role {
        role: &'a str,
        claims: &'a str,
    },
}

/// What every answer depends on. There is no default: a forgotten part does not compile.
#[derive(Debug, Clone, Copy)]
pub struct KeyParts<'a> {
    pub client: &'a ClientName,
    /// What the client points at: a fingerprint of its address and credentials, or its revision.
    pub upstream: &'a str,
    pub visibility: Visibility<'a>,
    /// The door it came through.
    pub surface: &'a str,
    /// The form of the answer: media type, count, one object or rows, post-processing.
    pub shape: &'a str,
    pub casing: &'a str,
    pub strip_nulls: bool,
    pub statement: &'a str,
}

/// Takes in piece after piece. Each carries its kind and its length, so no two sequences of pieces
/// read the same.
pub struct KeyBuilder {
    hash: Sha256,
    scopes: Vec<Scope>,
}

/// The kind of a piece.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Piece {
    Client = 1,
    Upstream,
    Anonymous,
    Key,
    Role,
    Claims,
    Surface,
    Shape,
    Casing,
    StripNulls,
    Statement,
    Parameter,
    Null,
    Scope,
}

impl KeyBuilder {
    pub fn new(parts: &KeyParts<'_>) -> Self {
        // Named one by one, so that a new part cannot be left out here.
        let KeyParts {
            client,
            upstream,
            visibility,
            surface,
            shape,
            casing,
            strip_nulls,
            statement,
        } = *parts;
        // A whole client can be forgotten, so every read depends on it.
        let mut key =
            Self { hash: Sha256::new_with_prefix([VERSION]), scopes: vec![Scope::client(client)] };
        key.piece(Piece::Client, client.as_str().as_bytes());
        key.piece(Piece::Upstream, upstream.as_bytes());
        match visibility {
            Visibility::Anonymous => key.piece(Piece::Anonymous, &[]),
            Visibility::Key(id) => key.piece(Piece::Key, id.as_bytes()),
            Visibility::Role { role, claims } => {
                key.piece(Piece::Role, role.as_bytes());
                key.piece(Piece::Claims, claims.as_bytes());
            }
        }
        key.piece(Piece::Surface, surface.as_bytes());
        key.piece(Piece::Shape, shape.as_bytes());
        key.piece(Piece::Casing, casing.as_bytes());
        key.piece(Piece::StripNulls, &[u8::from(strip_nulls)]);
        key.piece(Piece::Statement, statement.as_bytes());
        key
    }

    /// The next bound value: its type (an OID, or the renderer's own number) and its bytes.
    #[must_use]
    pub fn parameter(mut self, type_tag: u32, value: Option<&[u8]>) -> Self {
        let kind = if value.is_some() { Piece::Parameter } else { Piece::Null };
        let value = value.unwrap_or_default();
        self.open(kind, size_of::<u32>() + value.len());
        self.hash.update(type_tag.to_le_bytes());
        self.hash.update(value);
        self
    }

    /// A table the statement reads. Twice, or in another order, is the same.
    #[must_use]
    pub fn reads(mut self, scope: Scope) -> Self {
        self.scopes.push(scope);
        self
    }

    pub fn finish(mut self) -> Lookup {
        let mut scopes = std::mem::take(&mut self.scopes);
        scopes.sort_unstable();
        scopes.dedup();
        for scope in &scopes {
            self.piece(Piece::Scope, &scope.bits().to_le_bytes());
        }
        Lookup { key: CacheKey(self.hash.finalize().into()), scopes: scopes.into_boxed_slice() }
    }

    fn piece(&mut self, kind: Piece, bytes: &[u8]) {
        self.open(kind, bytes.len());
        self.hash.update(bytes);
    }

    fn open(&mut self, kind: Piece, length: usize) {
        let mut head = [kind as u8; 9];
        head[1..].copy_from_slice(&(length as u64).to_le_bytes());
        self.hash.update(head);
    }
}
