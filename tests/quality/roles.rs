//! What a file or a function is for, by its path and by the syntax that test runners go by.

use rustassistant::model::Kind::{Analysis, Docs, Refactor, Todos};

use super::{check, deep, told};

const LONG: &str = "pub fn f(a: u8, b: u8, c: u8, d: u8, e: u8, g: u8, h: u8, i: u8) { std::fs::read(a).unwrap(); }\n";

#[test]
fn one_helper_is_told_about_where_others_use_it_alone() {
    let found: &[&str] = &["note long-parameter-list f", "warning unsafe-unwrap f"];
    for path in ["src/lib.rs", "crates/a/src/b.rs", "src/contest.rs"] {
        check(&[(path, Refactor, LONG, found)]);
    }
    for path in [
        "tests/common/mod.rs",
        "benches/speed.rs",
        "examples/hello.rs",
        "examples/a/src/main.rs",
        "build.rs",
        "src/tests.rs",
        "fuzz/fuzz_targets/a.rs",
    ] {
        check(&[(path, Refactor, LONG, &[]), (path, Docs, LONG, &[])]);
    }
}

#[test]
fn what_an_author_puts_off_is_told_wherever_people_write() {
    let text = "// FIXME: slow\nfn f() {}\n";
    for path in [
        "src/lib.rs",
        "tests/common/mod.rs",
        "benches/speed.rs",
        "build.rs",
    ] {
        check(&[(path, Todos, text, &["warning fixme"])]);
    }
    check(&[("vendor/a/lib.rs", Todos, text, &[])]);
}

#[test]
fn tests_beside_code_leave_the_code_to_be_judged() {
    let code = "fn read(p: &Path) { std::fs::read(p).unwrap(); }\n";
    let half = format!("pub {code}#[test]\nfn t() {{}}\n#[test]\nfn u() {{}}\n");
    let no_pub = format!("impl From<A> for T {{ {code} }}\n#[test] fn t(){{}}\n");
    let shout =
        format!("pub {code}#[tokio::test]\nasync fn t() {{ std::fs::read(p).unwrap(); }}\n");
    check(&[
        ("src/a.rs", Refactor, &half, &["warning unsafe-unwrap read"]),
        (
            "src/a.rs",
            Refactor,
            &no_pub,
            &["warning unsafe-unwrap T::read"],
        ),
        (
            "src/a.rs",
            Refactor,
            &shout,
            &["warning unsafe-unwrap read"],
        ),
    ]);
}

#[test]
fn a_name_with_test_in_it_makes_no_test() {
    let body = "{ std::fs::read(p).unwrap(); }";
    let function = format!("pub fn test_connection(p: &Path) {body}\n");
    let method = format!("impl SpeedTest {{ pub fn run(p: &Path) {body} }}\n");
    let module = format!("mod testing {{ pub fn run(p: &Path) {body} }}\n");
    check(&[
        (
            "src/a.rs",
            Refactor,
            &function,
            &["warning unsafe-unwrap test_connection"],
        ),
        (
            "src/a.rs",
            Refactor,
            &method,
            &["warning unsafe-unwrap SpeedTest::run"],
        ),
        (
            "src/a.rs",
            Refactor,
            &module,
            &["warning unsafe-unwrap testing::run"],
        ),
    ]);
    let module = format!("#[cfg(test)]\nmod helpers {{ pub fn run(p: &Path) {body} }}\n");
    check(&[("src/a.rs", Refactor, &module, &[])]);
}

#[test]
fn tests_are_not_asked_for_documentation_in_any_language() {
    check(&[
        (
            "a.go",
            Docs,
            "// Package p is.\npackage p\nfunc TestFoo(t *testing.T) {}\n",
            &[],
        ),
        (
            "a.go",
            Docs,
            "// Package p is.\npackage p\nfunc BenchmarkFoo(b *testing.B) {}\n",
            &[],
        ),
        (
            "a.go",
            Docs,
            "// Package p is.\npackage p\nfunc Testify(t int) {}\n",
            &["note undocumented-item Testify"],
        ),
        (
            "A.java",
            Docs,
            "/** A. */\npublic class A {\n  @Test public void adds() {}\n  @ParameterizedTest void b() {}\n}\n",
            &[],
        ),
        (
            "src/test/java/ATest.java",
            Docs,
            "public class ATest { public void adds() {} }\n",
            &[],
        ),
        ("test_a.py", Docs, "def test_adds():\n    pass\n", &[]),
        (
            "a.py",
            Docs,
            "'''A.'''\nclass TestA(unittest.TestCase):\n    def test_adds(self):\n        pass\n",
            &[],
        ),
    ]);
}

#[test]
fn bodies_of_tests_are_no_hotspots() {
    let body = deep(10);
    for test in [
        "TEST(A, b)",
        "TEST_F(A, b)",
        "TEST_P(A, b)",
        "TEST_CASE(\"a\")",
        "SECTION(\"a\")",
    ] {
        let text = format!("{test} {{ {body} }}\n");
        check(&[
            ("src/a.cc", Refactor, &text, &[]),
            ("src/a.cc", Analysis, &text, &[]),
        ]);
    }
    for test in [
        format!("describe('a', () => {{ it('b', () => {{ {body} }}) }})\n"),
        format!("test('a', async function () {{ {body} }})\n"),
    ] {
        check(&[("src/a.js", Refactor, &test, &[])]);
    }
    let not = format!("export function f() {{ {body} }}\n");
    assert!(!told("src/a.js", &Refactor, &not).is_empty());
}
