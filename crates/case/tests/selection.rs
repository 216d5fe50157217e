//! Patterns, profiles, and the matrix as far as names show it.

use proptest::prelude::*;
use wsanvil_case::{Library, ProfileName, SelectError, Selection};

const CASES: &str = r#"
[[case]]
id = "utf8/invalid"
was = ["text/bad"]
title = "Sequence {name}"
profile = ["quick"]
alias = ["autobahn:{ab}"]
rows = [{ name = "a.b", ab = "6.1" }, { name = "c", ab = "6.10", profile = ["full"] }, { name = "own" }]
steps = []

[[case]]
id = "limits/large"
title = "{len} octets"
profile = ["full", "autobahn"]
alias = ["autobahn:9.{len}"]
matrix = { len = [1, 2] }
steps = []

[[case]]
id = "limits/load"
title = "Load"
profile = ["perf"]
steps = []

[[case]]
id = "close/codes"
title = "{code} {how}"
matrix = { code = { range = [1, 4], default = [2] }, how = ["fin", "rst"] }
except = [{ code = 3, how = "rst" }]
steps = []
"#;

fn library() -> Library {
    let mut library = Library::empty();
    library
        .add_text("cases.toml", CASES, None)
        .expect("correct cases");
    library
}

fn select(
    include: &[&str],
    exclude: &[&str],
    profile: Option<ProfileName>,
) -> Result<Vec<String>, SelectError> {
    let own = |patterns: &[&str]| patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    let selection = Selection {
        include: own(include),
        exclude: own(exclude),
        profile,
    };
    let selected = selection.select(&library())?;
    Ok(selected.iter().map(|instance| instance.name.clone()).collect())
}

#[track_caller]
fn assert_selected(include: &[&str], profile: Option<ProfileName>, expected: &[&str]) {
    assert_eq!(select(include, &[], profile).expect("cases match"), expected);
}

const DEFAULT: &[&str] = &[
    "utf8/invalid[a.b]",
    "utf8/invalid[own]",
    "close/codes[code=2,how=fin]",
    "close/codes[code=2,how=rst]",
];

#[test]
fn nothing_said_is_the_default_profile() {
    assert_selected(&[], None, DEFAULT);
    assert_selected(&["*"], None, DEFAULT);
}

#[test]
fn profiles_nest() {
    assert_selected(&[], Some(ProfileName::Quick), &DEFAULT[..2]);
    assert_selected(&[], Some(ProfileName::Perf), &["limits/load"]);
    assert_eq!(select(&[], &[], Some(ProfileName::Full)).unwrap().len(), 12);
    assert_eq!(select(&[], &[], Some(ProfileName::Autobahn)).unwrap().len(), 4);
}

#[test]
fn an_exact_name_overrides_the_profile() {
    assert_selected(&["limits/load"], None, &["limits/load"]);
    assert_selected(&["autobahn:9.2"], None, &["limits/large[len=2]"]);
    assert_selected(
        &["utf8/invalid[c]"],
        Some(ProfileName::Quick),
        &["utf8/invalid[c]"],
    );
    assert_eq!(select(&["text/bad"], &[], None).unwrap().len(), 3);
    assert_eq!(select(&["close/codes"], &[], None).unwrap().len(), 7);
}

#[test]
fn a_pattern_stays_in_the_profile_unless_it_finds_nothing_there() {
    assert_selected(&["utf8/*"], None, &DEFAULT[..2]);
    assert_selected(&["utf8/**"], None, &DEFAULT[..2]);
    assert_selected(&["utf8"], None, &DEFAULT[..2]);
    assert_selected(
        &["limits/*"],
        None,
        &["limits/large[len=1]", "limits/large[len=2]"],
    );
    assert_selected(&["limits/lo*"], None, &["limits/load"]);
    assert_selected(&["limits"], Some(ProfileName::Perf), &["limits/load"]);
}

#[test]
fn brackets_and_dots_are_literal() {
    assert_selected(&["utf8/invalid[a.?]"], None, &["utf8/invalid[a.b]"]);
    assert_selected(&["*[code=2,*]"], None, &DEFAULT[2..]);
    assert_selected(&["autobahn:6.*"], None, &["utf8/invalid[a.b]", "utf8/invalid[c]"]);
    assert_selected(&["autobahn:6.1"], None, &["utf8/invalid[a.b]"]);
}

#[test]
fn excluded_is_excluded() {
    assert_eq!(
        select(&["*"], &["close/*", "*[own]"], None).unwrap(),
        ["utf8/invalid[a.b]"]
    );
    assert_eq!(select(&["utf8"], &["*"], None), Err(SelectError::Empty));
}

#[test]
fn a_pattern_without_match_suggests_names() {
    let Err(SelectError::NoMatch { pattern, nearest }) = select(&["utf8/invlaid"], &[], None) else {
        panic!("matched");
    };
    assert_eq!(pattern, "utf8/invlaid");
    assert_eq!(nearest[0], "utf8/invalid");
}

#[test]
fn excepted_combinations_are_left_out() {
    let names = select(&[], &[], Some(ProfileName::Full)).unwrap();
    assert!(!names.contains(&"close/codes[code=3,how=rst]".to_owned()));
    assert!(names.contains(&"close/codes[code=3,how=fin]".to_owned()));
}

/// The values of an instance of three axes.
type Combo = [i64; 3];

fn pairwise(sizes: Combo, default: i64) -> Vec<(Combo, bool)> {
    let [a, b, c] = sizes;
    let defaults: Vec<String> = (1..=default.min(a)).map(|value| value.to_string()).collect();
    let text = format!(
        "[[case]]\nid = \"x/y\"\ntitle = \"t\"\nstrength = 2\nsteps = []\n[case.matrix]\na = {{ range = [1, {a}], default = [{}] }}\nb = {{ range = [1, {b}] }}\nc = {{ range = [1, {c}] }}\n",
        defaults.join(", ")
    );
    let mut library = Library::empty();
    library.add_text("x.toml", &text, None).expect("a correct case");
    library
        .instances
        .iter()
        .map(|instance| {
            let value = |name: &str| instance.values[name].as_i64().expect("a number");
            ([value("a"), value("b"), value("c")], instance.profiles.default)
        })
        .collect()
}

fn covers(combos: &[Combo], sizes: Combo) -> bool {
    [(0, 1), (0, 2), (1, 2)].into_iter().all(|(one, two)| {
        (1..=sizes[one]).all(|left| {
            (1..=sizes[two]).all(|right| {
                combos
                    .iter()
                    .any(|combo| combo[one] == left && combo[two] == right)
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_pairwise_matrix_covers_every_pair_and_by_default_every_pair_of_default_values(
        sizes in [2_i64..6, 1_i64..5, 1_i64..5],
        default in 1_i64..4,
    ) {
        let all = pairwise(sizes, default);
        let combos: Vec<Combo> = all.iter().map(|(combo, _)| *combo).collect();
        prop_assert!(covers(&combos, sizes));
        let by_default: Vec<Combo> = all.iter().filter(|(_, default)| *default).map(|(combo, _)| *combo).collect();
        prop_assert!(covers(&by_default, [default.min(sizes[0]), sizes[1], sizes[2]]));
        prop_assert_eq!(&all, &pairwise(sizes, default));
    }
}
