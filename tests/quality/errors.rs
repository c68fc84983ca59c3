//! Errors that are caught and forgotten, and code that nothing uses, in each language.

use rustassistant::model::Kind::Refactor;

use super::check;

#[test]
fn an_error_that_is_swallowed_is_told_in_each_language() {
    check(&[
        (
            "A.java",
            Refactor,
            "class A { void f() { try { g(); } catch (E e) {} } }\n",
            &["note swallowed-error A.f"],
        ),
        (
            "A.java",
            Refactor,
            "class A { void f() { try { g(); } catch (E ignored) {} } }\n",
            &[],
        ),
        (
            "A.java",
            Refactor,
            "class A { void f() { try { g(); } catch (E e) { /* it is gone anyway */ } } }\n",
            &[],
        ),
        (
            "a.js",
            Refactor,
            "function f() { try { g() } catch (e) {} }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.js",
            Refactor,
            "function f() { try { g() } catch {} }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.ts",
            Refactor,
            "function f() { try { g() } catch (e) {} }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.js",
            Refactor,
            "function f() { g().catch(() => {}) }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.js",
            Refactor,
            "function f() { g().catch(function () {}) }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.cc",
            Refactor,
            "void f() { try { g(); } catch (...) {} }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.py",
            Refactor,
            "def f():\n    try:\n        g()\n    except:\n        pass\n",
            &["note swallowed-error f"],
        ),
        (
            "a.py",
            Refactor,
            "def f():\n    try:\n        g()\n    except Exception:\n        pass\n",
            &["note swallowed-error f"],
        ),
        (
            "a.py",
            Refactor,
            "def f():\n    try:\n        g()\n    except:\n        log()\n",
            &["note swallowed-error f"],
        ),
        (
            "a.py",
            Refactor,
            "def f():\n    try:\n        g()\n    except KeyError:\n        pass\n",
            &[],
        ),
        (
            "a.go",
            Refactor,
            "package p\nfunc f() { _ = os.WriteFile(p, t, 0o600) }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.go",
            Refactor,
            "package p\nfunc f() { os.WriteFile(p, t, 0o600) }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.go",
            Refactor,
            "package p\nfunc f() { os.Rename(a, b) }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.go",
            Refactor,
            "package p\nfunc f() { json.Unmarshal(a, &b) }\n",
            &["note swallowed-error f"],
        ),
        (
            "a.go",
            Refactor,
            "package p\nfunc f() error { return os.Rename(a, b) }\n",
            &[],
        ),
        (
            "a.go",
            Refactor,
            "package p\nfunc f() { defer a.Close() }\n",
            &[],
        ),
    ]);
}

#[test]
fn what_nothing_uses_is_told() {
    check(&[
        (
            "A.java",
            Refactor,
            "class A { private void f() {} }\n",
            &["note dead-code A.f"],
        ),
        (
            "A.java",
            Refactor,
            "class A { private void f() {} void g() { f(); } }\n",
            &[],
        ),
        (
            "a.c",
            Refactor,
            "static void f(void) {}\n",
            &["note dead-code f"],
        ),
        (
            "a.h",
            Refactor,
            "#pragma once\nstatic void f(void) {}\n",
            &[],
        ),
        (
            "a.js",
            Refactor,
            "import a from 'b'\nfunction f() {}\n",
            &["note dead-code f"],
        ),
        ("a.js", Refactor, "function f() {}\n", &[]),
        (
            "src/a.rs",
            Refactor,
            "fn f() {}\n",
            &["warning dead-code f"],
        ),
        ("src/a.rs", Refactor, "fn f() {}\npub fn g() { f() }\n", &[]),
    ]);
}
