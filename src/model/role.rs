//! What a file is for, by where it lies: code that others use, or a test, an example, a build script.
//! A role filters what an analysis says when it is shown, gated or counted; analyses themselves are of
//! texts, and know no path.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::RepoPath;

/// The role of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// What a repository is there for: its libraries and programs.
    #[default]
    Library,
    /// A script that builds, configures or releases the rest.
    Build,
    /// Shows how something is used: examples, samples, code of documents.
    Example,
    Bench,
    Test,
    /// Written by a program.
    Generated,
    /// Written elsewhere, and copied here.
    Vendored,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Library,
        Self::Build,
        Self::Example,
        Self::Bench,
        Self::Test,
        Self::Generated,
        Self::Vendored,
    ];

    /// The word in machine formats, and in the attribute `rustassistant-role`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Build => "build",
            Self::Example => "example",
            Self::Bench => "bench",
            Self::Test => "test",
            Self::Generated => "generated",
            Self::Vendored => "vendored",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The role of a file, by the conventions of the ecosystems that are known here: what its folders
    /// say, else what its name says.
    pub fn of(path: &RepoPath) -> Self {
        let bytes = path.as_bytes();
        let name = path.file_name();
        match Self::of_folder(&bytes[..bytes.len() - name.len()]) {
            Self::Library => of_name(name),
            role => role,
        }
    }

    /// The role that a folder gives to the files in it, whatever their names.
    pub fn of_folder(path: &[u8]) -> Self {
        // What is copied, or made, is that whatever lies in it: it is the greatest.
        let folders = path.split(|byte| *byte == b'/').map(of_folder_name);
        folders.max().unwrap_or_default()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// By the name of one folder: Cargo, Maven, Go, Python, npm, CMake; for copied code as GitHub Linguist
/// has it (`vendor.yml`).
fn of_folder_name(name: &[u8]) -> Role {
    match name.to_ascii_lowercase().as_slice() {
        b"vendor" | b"vendored" | b"_vendor" | b"third_party" | b"third-party" | b"thirdparty"
        | b"3rdparty" | b"node_modules" | b"bower_components" | b"godeps" | b"site-packages"
        | b"extern" | b"externals" => Role::Vendored,
        b"generated" | b"__generated__" | b"gen-src" => Role::Generated,
        b"test" | b"tests" | b"__tests__" | b"spec" | b"specs" | b"e2e" | b"testdata"
        | b"test-data" | b"test_data" | b"fixtures" | b"testsuite" | b"testsuites"
        | b"integration-tests" | b"integration_tests" | b"tests-integration" | b"unittests"
        | b"unit_tests" | b"__mocks__" | b"fuzz" => Role::Test,
        b"bench" | b"benches" | b"benchmark" | b"benchmarks" => Role::Bench,
        b"example" | b"examples" | b"_examples" | b"sample" | b"samples" | b"demo" | b"demos"
        | b"doc" | b"docs" | b"docs_src" | b"playground" | b"tutorial" | b"tutorials" => {
            Role::Example
        }
        b"scripts" | b"script" | b".github" | b".circleci" | b"ci" => Role::Build,
        _ => Role::Library,
    }
}

/// By the name of a file alone.
fn of_name(name: &[u8]) -> Role {
    let Ok(name) = std::str::from_utf8(name) else {
        return Role::Library;
    };
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let small = stem.to_ascii_lowercase();
    let ends = |words: &[&str]| words.iter().any(|word| small.ends_with(word));
    let is = |words: &[&str]| words.contains(&small.as_str());
    let is_script = matches!(
        ending,
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts"
    );
    let is_test = match ending {
        "rs" => is(&["tests", "test"]) || ends(&["_test", "_tests"]),
        "go" => ends(&["_test"]),
        "py" | "pyi" => {
            is(&["conftest", "tests"]) || small.starts_with("test_") || ends(&["_test", "_tests"])
        }
        "java" => stem.ends_with("Test") || stem.ends_with("Tests") || stem.ends_with("TestCase"),
        _ if is_script => ends(&[".test", ".spec", ".tests", ".e2e", ".test-d"]),
        "c" | "cc" | "cpp" | "cxx" | "h" | "hh" | "hpp" => {
            ends(&["_test", "_tests", "_unittest", "_unittests", "-test"])
                || small.starts_with("test_")
        }
        _ => false,
    };
    let is_bench = match ending {
        "rs" | "c" | "cc" | "cpp" | "py" => {
            ends(&["_bench", "_benchmark"]) || small.starts_with("bench_")
        }
        _ if is_script => ends(&[".bench", ".benchmark"]),
        _ => false,
    };
    let is_generated = ends(&[
        ".pb",
        "_pb2",
        "_pb2_grpc",
        ".generated",
        "_generated",
        ".gen",
        ".g",
        ".min",
    ]) || small.starts_with("zz_generated");
    let is_build = match ending {
        "rs" => stem == "build",
        "py" => is(&["setup", "conanfile", "noxfile", "wscript"]),
        _ if is_script => ends(&[".config"]) || is(&["gulpfile", "gruntfile", "jakefile"]),
        _ => false,
    };
    if is_generated {
        Role::Generated
    } else if is_test {
        Role::Test
    } else if is_bench {
        Role::Bench
    } else if is_build {
        Role::Build
    } else {
        Role::Library
    }
}

/// Some of the roles. In JSON a list of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Roles(u8);

impl Roles {
    pub const NONE: Self = Self(0);

    pub const EVERY: Self = Self((1 << Role::ALL.len()) - 1);

    pub const LIBRARY: Self = Self::NONE.with(Role::Library);

    /// Wherever its own people write code.
    pub const OWN: Self =
        Self(Self::EVERY.0 & !(1 << Role::Generated as u8) & !(1 << Role::Vendored as u8));

    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }

    pub const fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL
            .into_iter()
            .filter(move |role| self.contains(*role))
    }

    /// What needs not be written down.
    pub fn is_every(&self) -> bool {
        *self == Self::EVERY
    }
}

impl Default for Roles {
    fn default() -> Self {
        Self::EVERY
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Serialize for Roles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Roles {
    /// A name that is not known is another program's: it says nothing here.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(names.iter().filter_map(|name| Role::named(name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(path: &str) -> Role {
        Role::of(&RepoPath::from(path))
    }

    #[test]
    fn folders_and_names_say_what_a_file_is_for() {
        for (path, expected) in [
            ("src/lib.rs", Role::Library),
            ("src/contest/lib.rs", Role::Library),
            ("src/latest.rs", Role::Library),
            ("crates/a/tests/it.rs", Role::Test),
            ("src/tests.rs", Role::Test),
            ("src/test/java/A.java", Role::Test),
            ("a/CaseTest.java", Role::Test),
            ("a/Contest.java", Role::Library),
            ("pkg/a_test.go", Role::Test),
            ("app/test_views.py", Role::Test),
            ("app/views.py", Role::Library),
            ("src/a.test.tsx", Role::Test),
            ("util/cache_test.cc", Role::Test),
            ("benches/speed.rs", Role::Bench),
            ("examples/hello.rs", Role::Example),
            ("docs/conf.py", Role::Example),
            ("build.rs", Role::Build),
            ("src/build.rs", Role::Build),
            ("setup.py", Role::Build),
            ("vite.config.ts", Role::Build),
            ("api/a.pb.go", Role::Generated),
            ("static/jquery.min.js", Role::Generated),
            ("vendor/x/tests/a.go", Role::Vendored),
            ("third_party/lib/a.c", Role::Vendored),
            ("Vendor/a.php.js", Role::Vendored),
        ] {
            assert_eq!(role(path), expected, "{path}");
        }
    }

    #[test]
    fn what_is_copied_stays_that_whatever_lies_in_it_and_a_test_of_examples_is_a_test() {
        assert_eq!(role("tests/vendor/a.rs"), Role::Vendored);
        assert_eq!(role("examples/a/tests/b.rs"), Role::Test);
        assert_eq!(role("tests/examples/b.rs"), Role::Test);
    }

    #[test]
    fn a_set_of_roles_is_written_as_names_and_read_again() {
        let roles = Roles::LIBRARY.with(Role::Test);
        let text = serde_json::to_string(&roles).unwrap();
        assert_eq!(text, r#"["library","test"]"#);
        assert_eq!(serde_json::from_str::<Roles>(&text).unwrap(), roles);
        let newer = r#"["library","another"]"#;
        assert_eq!(
            serde_json::from_str::<Roles>(newer).unwrap(),
            Roles::LIBRARY
        );
        assert!(!Roles::OWN.contains(Role::Vendored) && Roles::OWN.contains(Role::Test));
    }
}
