//! How many ways lead through a function, and how hard they are to follow: cyclomatic complexity
//! after T. J. McCabe (1976), cognitive complexity after G. Ann Campbell (SonarSource, 2017).
//!
//! Each function by itself: what stands in a function within it counts there, and begins anew at
//! depth 0. A closure that is no function of its own counts where it stands, one level deeper. As
//! SonarSource has it for JavaScript, `||` is a default there and costs no reader anything.

use big_code_analysis::tree_sitter::TreeCursor;

use crate::analyzers::local::grammar::{Role, Roles};

/// What was counted in one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Cyclomatic complexity, with all cases of one `switch` as one decision.
    pub cyclomatic: i64,
    pub cognitive: i64,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            cyclomatic: 1,
            cognitive: 0,
        }
    }
}

/// What a node is to those below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Branches above, and closures.
    depth: i64,
    /// The operator that joins it to its neighbors, as the parser numbers its kind.
    join: Option<u16>,
}

/// A node where it stands.
pub struct Place<'a, 't> {
    pub cursor: &'a TreeCursor<'t>,
    pub roles: Roles,
    /// The roles of the node above.
    pub above: Roles,
    /// Is it the `else if` of a branch above?
    pub is_alternative: bool,
    /// Is `||` the usual way to give a default?
    pub or_is_default: bool,
}

const BRANCHING: Roles = Roles::of(&[Role::Branch, Role::Switch]);
const COUNTED: Roles = Roles::of(&[
    Role::Branch,
    Role::Switch,
    Role::Choice,
    Role::Join,
    Role::Jump,
    Role::Else,
    Role::Closure,
]);

impl Paths {
    /// Counts a node by what the one above is; says what it is to those below.
    pub fn count(&mut self, place: &Place<'_, '_>, above: Step) -> Step {
        let roles = place.roles;
        let mut step = above;
        if !roles.has_any(Roles::of(&[Role::Join, Role::Brackets])) {
            step.join = None;
        }
        if place.above.has_any(BRANCHING) {
            match place.cursor.field_name() {
                // Whoever reads the condition is not in the branch yet.
                Some("condition") => step.depth -= 1,
                Some("alternative") if place.is_plain_else() => self.cognitive += 1,
                _ => {}
            }
        }
        if !roles.has_any(COUNTED) {
            return step;
        }
        if roles.has(Role::Branch) {
            self.decide();
            if !place.is_alternative {
                self.cognitive += 1 + step.depth;
                step.depth += 1;
            } else if !place.above.has(Role::Else) {
                self.cognitive += 1;
            }
        } else if roles.has(Role::Switch) {
            self.cyclomatic += 1;
            self.cognitive += 1 + step.depth;
            step.depth += 1;
        } else if roles.has(Role::Choice) {
            if place.is_choice() {
                self.decide();
            }
        } else if roles.has(Role::Join) {
            self.join(place, &mut step);
        } else if roles.has(Role::Jump) {
            let node = place.cursor.node();
            self.cognitive += i64::from(node.named_child_count() > 0);
        } else if roles.has(Role::Else) {
            self.cognitive += i64::from(place.above.has(Role::Branch));
        } else {
            step.depth += 1;
        }
        step
    }

    fn decide(&mut self) {
        self.cyclomatic += 1;
    }

    /// A run of one operator is read at once.
    fn join(&mut self, place: &Place<'_, '_>, step: &mut Step) {
        let operator = place.cursor.node().child_by_field_name("operator");
        let before = step.join.take();
        let Some(operator) = operator else {
            return;
        };
        match operator.kind() {
            "&&" | "||" | "and" | "or" => {
                self.decide();
                step.join = Some(operator.kind_id());
                let free = place.or_is_default && operator.kind() == "||";
                self.cognitive += i64::from(before != step.join && !free);
            }
            "??" | "&&=" | "||=" | "??=" => self.decide(),
            _ => {}
        }
    }
}

impl Place<'_, '_> {
    /// Is it an `else` that no node of its own holds?
    fn is_plain_else(&self) -> bool {
        self.above.has(Role::Nesting) && !self.roles.has_any(Roles::of(&[Role::Else, Role::Branch]))
    }

    /// A parameter may have a default.
    fn is_choice(&self) -> bool {
        let node = self.cursor.node();
        node.kind() != "required_parameter" || node.child_by_field_name("value").is_some()
    }
}

#[cfg(test)]
mod tests {
    use crate::analyzers::local::subject::Subject;
    use crate::model::Language;

    /// Cyclomatic and cognitive complexity of the function whose path ends so.
    fn counted(language: Language, text: &str, end: &str) -> (i64, i64) {
        let subject = Subject::parse(text.as_bytes(), language).unwrap();
        let mut functions = subject.sightings().functions.iter();
        let paths = functions.find(|f| subject.function_path(f).ends_with(end));
        let paths = paths.unwrap().paths;
        (paths.cyclomatic, paths.cognitive)
    }

    #[test]
    fn a_function_in_another_begins_anew() {
        let wrapped = "(function(){ function f(a){ if(a){return 1} } }())";
        assert_eq!(counted(Language::JavaScript, wrapped, "f"), (2, 1));
        assert_eq!(
            counted(Language::JavaScript, wrapped, "(anonymous)"),
            (1, 0)
        );
        let decorator =
            "def d(f):\n  if a:\n    def w(x):\n      if x:\n        pass\n    return w\n";
        assert_eq!(counted(Language::Python, decorator, "d.w"), (2, 1));
        assert_eq!(counted(Language::Python, decorator, "d"), (2, 1));
        let class =
            "class A { void f() { if (a) { new R() { public void run() { if (b) {} } }; } } }";
        assert_eq!(counted(Language::Java, class, "run"), (2, 1));
    }

    #[test]
    fn a_closure_that_is_no_function_of_its_own_counts_where_it_stands() {
        let java = "class A { void f() { run(() -> { if (a) {} }); } }";
        assert_eq!(counted(Language::Java, java, "f"), (2, 2));
        let cpp = "void f() { auto g = [&] { if (a) {} }; }";
        assert_eq!(counted(Language::Cpp, cpp, "f"), (2, 2));
    }

    #[test]
    fn branches_count_by_depth_and_else_once() {
        let chain = "if (a) { if (b) {} } else if (c) { for (;;) {} } else { d(); }";
        // if 1, inner if 2, else if 1, for 2, else 1
        for (language, text) in [
            (Language::JavaScript, format!("function f() {{ {chain} }}")),
            (Language::TypeScript, format!("function f() {{ {chain} }}")),
            (
                Language::Java,
                format!("class A {{ void f() {{ {chain} }} }}"),
            ),
            (Language::C, format!("void f() {{ {chain} }}")),
            (Language::Cpp, format!("void f() {{ {chain} }}")),
        ] {
            assert_eq!(counted(language, &text, "f"), (5, 7), "{language}");
        }
        let go = "package p\nfunc f() { if a { if b {} } else if c { for {} } else { d() } }";
        assert_eq!(counted(Language::Go, go, "f"), (5, 7));
        let python =
            "def f():\n  if a:\n    if b: pass\n  elif c:\n    for x in y: pass\n  else: pass\n";
        assert_eq!(counted(Language::Python, python, "f"), (5, 7));
    }

    #[test]
    fn a_switch_is_one_decision_however_many_cases_it_has() {
        let c = "void f() { switch (a) { case 1: b(); break; case 2: c(); break; default: d(); } }";
        assert_eq!(counted(Language::C, c, "f"), (2, 1));
        let java = "class A { void f() { switch (a) { case 1 -> b(); default -> c(); } } }";
        assert_eq!(counted(Language::Java, java, "f"), (2, 1));
        let go = "package p\nfunc f() { switch a { case 1: b(); case 2: c(); default: d() } }";
        assert_eq!(counted(Language::Go, go, "f"), (2, 1));
        let python = "def f():\n  match a:\n    case 1: pass\n    case _: pass\n";
        assert_eq!(counted(Language::Python, python, "f"), (2, 1));
    }

    #[test]
    fn a_run_of_one_operator_is_read_at_once() {
        let c = "int f() { return a && b && (c && d) || e && !(g && h); }";
        assert_eq!(counted(Language::C, c, "f"), (7, 4));
        let script = "function f(a, b = 1) { return a?.b || `${a ? 1 : 2}` ?? c; }";
        assert_eq!(counted(Language::JavaScript, script, "f"), (6, 1));
        assert_eq!(counted(Language::TypeScript, script, "f"), (6, 1));
    }

    #[test]
    fn only_a_jump_to_a_label_costs() {
        let java = "class A { void f() { a: for (;;) { if (b) break; continue a; } } }";
        assert_eq!(counted(Language::Java, java, "f"), (3, 4));
        let c = "void f() { goto e; e: return; }";
        assert_eq!(counted(Language::C, c, "f"), (1, 1));
    }
}
