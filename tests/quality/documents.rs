//! Documents as the users of well-known libraries would want to read them: what must stand in them, and
//! what must not. The texts are cut from these libraries, or as they are written there.

use rustassistant::model::Kind::Docs;

use super::answer;

/// A document has all of these in this order, and none of those.
#[track_caller]
fn reads(path: &str, text: &str, has: &[&str], lacks: &[&str]) {
    let document = answer(path, &Docs, text.as_bytes())
        .unwrap()
        .document
        .unwrap();
    let mut rest = document.as_str();
    for part in has {
        let at = rest.find(part);
        assert!(
            at.is_some(),
            "{path} lacks {part:?}, or has it earlier:\n{document}"
        );
        rest = &rest[at.unwrap() + part.len()..];
    }
    for part in lacks {
        assert!(!document.contains(part), "{path} has {part:?}:\n{document}");
    }
}

/// The sentence that is only said of languages in which files document themselves.
const BARE: &str = "no documentation of its own";

#[test]
fn a_header_of_leveldb() {
    let text = "// Copyright (c) 2011 The LevelDB Authors. All rights reserved.\n\n\
        #ifndef STORAGE_LEVELDB_INCLUDE_DB_H_\n#define STORAGE_LEVELDB_INCLUDE_DB_H_\n\n#include \"leveldb/export.h\"\n\n\
        namespace leveldb {\n\nstruct Options;\n\n// Abstract handle to particular state of a DB.\n\
        class LEVELDB_EXPORT Snapshot {\n protected:\n  virtual ~Snapshot();\n};\n\n\
        // A DB is a persistent ordered map from keys to values.\nclass LEVELDB_EXPORT DB {\n public:\n  \
        // Open the database with the specified \"name\".\n  static Status Open(const Options& options, DB** dbptr);\n\n  \
        DB() = default;\n\n  DB(const DB&) = delete;\n  DB& operator=(const DB&) = delete;\n\n  virtual ~DB();\n\n  \
        // Remove the entry.\n  virtual Status Delete(const Slice& key) = 0;\n};\n\n\
        // Destroy the contents.\nLEVELDB_EXPORT Status DestroyDB(const std::string& name,\n                                \
        const Options& options);\n\n}  // namespace leveldb\n\n#endif\n";
    reads(
        "db.h",
        text,
        &[
            "the classes `Snapshot` and `DB`",
            "### `DB`",
            "#### `DB::Open`",
            "Open the database",
            "#### `DB::Delete`",
            "### `DestroyDB`",
            "Status DestroyDB(const std::string& name,\n                 const Options& options)",
            "Destroy the contents.",
        ],
        &[
            BARE,
            "function `leveldb`",
            "operator=",
            "~DB",
            "= delete",
            "Copyright",
        ],
    );
}

#[test]
fn a_header_of_curl() {
    let function = |name: &str| {
        format!(
            "/*\n * NAME {name}()\n *\n * DESCRIPTION\n *\n * Does {name}.\n */\nCURL_EXTERN char *{name}(const char *a);\n\n"
        )
    };
    let functions: String = (0..43).map(|n| function(&format!("curl_f{n}"))).collect();
    let text = format!(
        "#ifndef CURLINC_CURL_H\n#define CURLINC_CURL_H\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n\
         typedef void CURL;\n\n/* This is the CURLOPT_PROGRESSFUNCTION callback prototype. */\n\
         typedef int (*curl_progress_callback)(void *clientp,\n                                      double dltotal);\n\n\
         {functions}/*\n * NAME curl_formadd()\n *\n * DESCRIPTION\n *\n * Pretty advanced.\n */\n\
         CURL_EXTERN CURLFORMcode CURL_DEPRECATED(7.56.0, \"Use curl_mime_init()\")\ncurl_formadd(struct curl_httppost **httppost,\n             \
         ...);\n\n/* structure to be used as parameter for CURLFORM_ARRAY */\nstruct curl_forms {{\n  const char *value;\n}};\n\n\
         #ifdef __cplusplus\n}}\n#endif\n#endif\n"
    );
    reads(
        "curl.h",
        &text,
        &[
            "44 functions",
            "struct `curl_forms`: structure to be used",
            "function `curl_f0`: Does curl_f0.",
            "function `curl_formadd`: Pretty advanced.",
            "type alias `curl_progress_callback`: This is the",
            "### `curl_f42`",
            "### `curl_formadd`",
        ],
        &[
            BARE,
            "declares nothing",
            "(*curl_progress_callback)`",
            "NAME",
            "DESCRIPTION",
        ],
    );
}

#[test]
fn a_macro_of_tokio() {
    let text = "macro_rules! doc {\n    ($select:item) => {\n        /// Waits on multiple concurrent branches.\n        ///\n        \
        /// ```text\n        /// <pattern> = <async expression> => <handler>,\n        /// ```\n        #[macro_export]\n        \
        #[cfg_attr(docsrs, doc(cfg(feature = \"macros\")))]\n        $select\n    };\n}\n\n\
        #[cfg(doc)]\ndoc! {macro_rules! select {\n    { $(biased;)? } => { unimplemented!() };\n}}\n\n\
        #[cfg(not(doc))]\ndoc! {macro_rules! select {\n    (@ { start=$start:expr; }) => {{ $start }};\n}}\n\n\
        #[macro_export]\n#[doc(hidden)]\nmacro_rules! count { () => { 0 } }\n";
    reads(
        "src/macros/select.rs",
        text,
        &[
            "### `select`",
            "Waits on multiple concurrent branches.",
            "<pattern> = <async",
        ],
        &["`count`", "keeps to itself", "`doc`"],
    );
}

#[test]
fn files_of_express() {
    let text = "/*!\n * express\n * MIT Licensed\n */\n\n'use strict';\n\n/**\n * Module dependencies.\n * @private\n */\n\n\
        var http = require('node:http');\n\n/**\n * Response prototype.\n * @public\n */\n\n\
        var res = Object.create(http.ServerResponse.prototype)\n\nmodule.exports = res\n\n/**\n * Send a response.\n *\n * Examples:\n *\n *     \
        res.send('<p>some html</p>');\n *\n * @param {string|Buffer} body\n * @return {ServerResponse} - Returns itself.\n \
        * @throws {TypeError} If `body` is not one.\n * @public\n */\n\nres.send = function send(body) {};\n\n\
        /**\n * Set.\n */\n\nres.set =\nres.header = function header(field, val) {};\n\n\
        /**\n * Hidden.\n * @private\n */\n\nres.own = function own() {};\n\nfunction sendfile(res) {}\n";
    reads(
        "lib/response.js",
        text,
        &[
            "the functions `res.send` and `res.set`",
            "### `res.send`",
            "res.send('<p>some html</p>');",
            "- `body`",
            "Returns itself.",
            "- `TypeError`: If `body` is not one.",
            "### `res.set`",
            "Set.",
        ],
        &[
            BARE,
            "keeps to itself",
            "res.own",
            "sendfile",
            "`http`",
            "- Returns itself",
        ],
    );
    let text = "var app = exports = module.exports = {};\n/** Listens. */\napp.listen = function listen() {};\n\
        function logerror(err) {}\n";
    reads(
        "lib/application.js",
        text,
        &["### `app.listen`", "Listens."],
        &["logerror"],
    );
}

#[test]
fn a_module_of_requests() {
    let text = "\"\"\"\nrequests.api\n~~~~~~~~~~~~\n\nThis module implements the Requests API.\n\n\
        :copyright: (c) 2012 by Kenneth Reitz.\n\"\"\"\n\ndef request(method, url, **kwargs):\n    \"\"\"Constructs and sends a :class:`Request <Request>`.\n\n    \
        :param method: method for the new :class:`Request` object: ``GET``.\n    :param timeout: (optional) a :ref:`(connect timeout, read\n        \
        timeout) <timeouts>` tuple.\n    :type timeout: float or tuple\n    :param \\*\\*kwargs: Optional arguments.\n    \
        :return: :class:`Response <Response>` object\n    :rtype: requests.Response\n\n    Usage::\n\n      >>> import requests\n      \
        >>> requests.request('GET')\n      <Response [200]>\n\n    .. versionchanged:: 2.0\n       See :meth:`~Session.send`.\n    \"\"\"\n";
    reads(
        "src/requests/api.py",
        text,
        &[
            "This module implements the Requests API.",
            "- Copyright: (c) 2012",
            "Constructs and sends a `Request`.",
            "Usage:\n\n```python\n>>> import requests\n",
            "In version 2.0, changed:",
            "`Session.send`",
            "#### Parameters",
            "- `method`: method for the new `Request` object: `GET`.",
            "- `timeout` (`float or tuple`): (optional) a `(connect timeout, read timeout)` tuple.",
            "- `**kwargs`: Optional arguments.",
            "#### Returns",
            "`Response` object",
            "`requests.Response`",
        ],
        &[
            ":class:",
            ":type",
            ":rtype",
            "~~~",
            "::",
            "``G",
            "versionchanged",
            ":param",
        ],
    );
}

#[test]
fn a_class_of_gson() {
    let text = "package com.google.gson;\n\n/**\n * A parser to parse JSON into {@link\n * JsonElement}s.\n *\n * <p>The data is parsed in \
        {@linkplain JsonReader#setStrictness(Strictness) lenient\n * mode}, see <a href=\"https://a.example/guide\">the guide</a>.\n *\n * <pre>\n \
        * TypeToken&lt;List&lt;MyType&gt;&gt; a;\n * </pre>\n *\n * <pre>{@code\n * @Override\n * Map<K, V> b = f();\n * }</pre>\n *\n \
        * <h2 id=\"x\">Strictness</h2>\n *\n * <ul>\n *   <li>Use {@code Map<String,\n *       Object>}.\n * </ul>\n *\n * @since 1.3\n \
        * @see GsonBuilder#setStrictness(Strictness)\n */\npublic final class JsonParser {\n  \
        /** Parses a text. */\n  public static JsonElement parse(String json) { return null; }\n\n  \
        /** Parses a reader. */\n  @Deprecated\n  @InlineMe(replacement = \"JsonParser.parseReader(json)\")\n  \
        public static JsonElement parse(Reader json) { return null; }\n}\n";
    reads(
        "JsonParser.java",
        text,
        &[
            "A parser to parse JSON into `JsonElement`s.",
            "The data is parsed in lenient mode, see [the guide](https://a.example/guide).",
            "```java\nTypeToken<List<MyType>> a;\n```",
            "```java\n@Override\nMap<K, V> b = f();\n```",
            "#### Strictness",
            "- Use `Map<String, Object>`.",
            "Since: 1.3",
            "Parses a text.",
            "Parses a reader.",
        ],
        &[
            BARE,
            "<p>",
            "<pre>",
            "<li>",
            "<h2",
            "{@",
            "&lt;",
            "Inside the program",
        ],
    );
}

#[test]
fn what_rustdoc_tells_of_an_item_and_what_it_would_not_write() {
    let text = "//! Doors.\n\n/// A door.\n#[deprecated(since = \"1.2.0\", note = \"use [`Gate`]\")]\n#[must_use]\n#[non_exhaustive]\n\
        pub struct Door<P>\nwhere\n    P: Clone,\n{\n    inner: P,\n}\n\n/// Opens.\n#[cfg(feature = \"net\")]\npub fn open() {}\n";
    reads(
        "src/lib.rs",
        text,
        &[
            "#[must_use]\n#[non_exhaustive]\npub struct Door<P>\nwhere\n    P: Clone,\n{ /* private fields */ }",
            "**Deprecated since 1.2.0**: use `Gate`",
            "Only with `feature = \"net\"`.",
        ],
        &["P: Clone, {"],
    );
    let text = "pub struct Config;\n#[test]\nfn t() {}\n#[test]\nfn u() {}\n";
    reads(
        "src/config.rs",
        text,
        &["### `Config`"],
        &["not to its users"],
    );
}

#[test]
fn groups_of_go() {
    let text = "package p\n\n// Colors of a door.\nconst (\n\tred Color = iota\n\tGreen\n\tBlue\n)\n\nvar (\n\t\
        // ErrOpen is returned.\n\tErrOpen = f()\n\tErrShut = f()\n)\n\ntype ( A int; B int )\n";
    reads(
        "p.go",
        text,
        &[
            "type A int",
            "type B int",
            "### `Green`, `Blue`",
            "Colors of a door.",
            "### `ErrOpen`, `ErrShut`",
        ],
        &[BARE, "`red`"],
    );
}
