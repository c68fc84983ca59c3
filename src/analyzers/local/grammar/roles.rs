//! What a node can be to us, and sets of that. Not which node is what: that is each language's
//! table.

/// One meaning of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    Comment,
    /// A literal of characters: one token, whatever is in it.
    Text,
    Number,
    /// A function or method with a name.
    Function,
    /// A branch or a loop: what it holds is one level deeper.
    Nesting,
    /// What holds an `else`: a branch in it is as deep as the one it belongs to.
    Else,
    /// Holds the field `condition`.
    Conditional,
    /// Names what lies in it: follows from [`super::Grammar::names`].
    Named,
    /// A name where it is used or made.
    Name,
    /// `unsafe { … }`
    UnsafeBlock,
    /// `#[…]` above an item.
    Attribute,
    /// `#![…]` in an item or a file.
    InnerAttribute,
    /// A call of a macro, whose tokens are not parsed.
    Macro,
    /// `let … = …;`
    Binding,
    /// An expression that stands alone, as a statement.
    Statement,
    /// A block in which only constants are computed.
    Constant,
    /// An item that the file's owner may use from elsewhere or not at all.
    Item,
    /// A function without a name of its own: it is called as what it is given to is.
    Closure,
    /// Gives its name to a function in it: follows from [`super::Grammar::binders`].
    Binder,
    /// A call: the field `function` is called, the field `arguments` given.
    Call,
    /// What stands around an expression without changing which one it is: brackets, a cast.
    Wrapper,
    /// Brackets around an expression.
    Brackets,
    /// What holds the members of a type.
    Members,
    /// Runs when its type is made or loaded, where it stands among a type's members.
    Initializer,
    /// A way through the code that is harder to follow the deeper it stands: `if`, a loop, `catch`.
    Branch,
    /// A branch of many ways: `switch`.
    Switch,
    /// A way through the code that is no branch to its reader: `?.`, a default.
    Choice,
    /// An operator in the field `operator` that may leave its right side out.
    Join,
    /// Catches errors.
    Handler,
    /// Leaves for a label.
    Jump,
    /// May be a test: [`super::Grammar::test`] tells.
    Testable,
}

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles(u32);

impl Roles {
    pub const fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u32) != 0
    }

    /// Does it hold any of those?
    pub const fn has_any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    pub const fn of(roles: &[Role]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < roles.len() {
            set |= 1 << roles[at] as u32;
            at += 1;
        }
        Self(set)
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(
            roles
                .into_iter()
                .fold(0, |set, role| set | 1 << role as u32),
        )
    }
}
