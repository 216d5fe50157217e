//! Covering arrays of strength 2: few combinations in which every pair of values of two axes occurs.
//!
//! Greedy and free of chance: the same axes give the same array on every machine and in every release, so that
//! instance names stay.

/// One combination: the index of the value on each axis.
pub(crate) type Combo = Vec<usize>;

/// A covering array over axes with `sizes` values.
///
/// `allowed` says whether a combination, complete or not (`None`: not chosen yet), is legal. Pairs that occur in
/// no legal combination stay uncovered. `first` are combinations that are in the array already.
pub(crate) fn array(
    sizes: &[usize],
    first: Vec<Combo>,
    allowed: &dyn Fn(&[Option<usize>]) -> bool,
) -> Vec<Combo> {
    let mut open = Open::all(sizes);
    for combo in &first {
        open.cover(combo);
    }
    let mut combos = first;
    while let Some((one, two)) = open.next() {
        let mut chosen = vec![None; sizes.len()];
        chosen[one.0] = Some(one.1);
        chosen[two.0] = Some(two.1);
        if allowed(&chosen) && complete(&mut chosen, sizes, &open, allowed) {
            let combo: Combo = chosen.into_iter().flatten().collect();
            open.cover(&combo);
            combos.push(combo);
        } else {
            open.drop(one, two);
        }
    }
    combos
}

/// Chooses the values that are missing, those that cover most first; steps back where a choice leads nowhere.
fn complete(
    chosen: &mut Vec<Option<usize>>,
    sizes: &[usize],
    open: &Open,
    allowed: &dyn Fn(&[Option<usize>]) -> bool,
) -> bool {
    let Some(axis) = chosen.iter().position(Option::is_none) else {
        return true;
    };
    let mut values: Vec<usize> = (0..sizes[axis]).collect();
    values.sort_by_key(|value| std::cmp::Reverse(open.gain(axis, *value, chosen)));
    for value in values {
        chosen[axis] = Some(value);
        if allowed(chosen) && complete(chosen, sizes, open, allowed) {
            return true;
        }
    }
    chosen[axis] = None;
    false
}

/// A value: (axis, index).
type At = (usize, usize);

/// The pairs that are not covered yet.
struct Open {
    /// Where the values of an axis begin among all values.
    starts: Vec<usize>,
    total: usize,
    /// `total` × `total`, only left < right is used.
    pairs: Vec<bool>,
    left: usize,
    cursor: usize,
}

impl Open {
    fn all(sizes: &[usize]) -> Self {
        let mut starts = Vec::with_capacity(sizes.len());
        let mut total = 0;
        for size in sizes {
            starts.push(total);
            total += size;
        }
        let mut open = Self {
            starts,
            total,
            pairs: vec![false; total * total],
            left: 0,
            cursor: 0,
        };
        for (one, one_size) in sizes.iter().enumerate() {
            for (two, two_size) in sizes.iter().enumerate().skip(one + 1) {
                for left in 0..*one_size {
                    for right in 0..*two_size {
                        let at = open.at((one, left), (two, right));
                        open.pairs[at] = true;
                        open.left += 1;
                    }
                }
            }
        }
        open
    }

    fn at(&self, one: At, two: At) -> usize {
        let one = self.starts[one.0] + one.1;
        let two = self.starts[two.0] + two.1;
        one.min(two) * self.total + one.max(two)
    }

    fn next(&mut self) -> Option<(At, At)> {
        if self.left == 0 {
            return None;
        }
        let at = self.cursor + self.pairs[self.cursor..].iter().position(|open| *open)?;
        self.cursor = at;
        Some((self.value(at / self.total), self.value(at % self.total)))
    }

    fn value(&self, place: usize) -> At {
        let axis = self.starts.partition_point(|start| *start <= place) - 1;
        (axis, place - self.starts[axis])
    }

    fn drop(&mut self, one: At, two: At) {
        let at = self.at(one, two);
        if std::mem::take(&mut self.pairs[at]) {
            self.left -= 1;
        }
    }

    fn cover(&mut self, combo: &[usize]) {
        for one in 0..combo.len() {
            for two in one + 1..combo.len() {
                self.drop((one, combo[one]), (two, combo[two]));
            }
        }
    }

    fn gain(&self, axis: usize, value: usize, chosen: &[Option<usize>]) -> usize {
        chosen
            .iter()
            .enumerate()
            .filter_map(|(other, chosen)| chosen.map(|chosen| (other, chosen)))
            .filter(|(other, chosen)| *other != axis && self.pairs[self.at((axis, value), (*other, *chosen))])
            .count()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn covers(combos: &[Combo], sizes: &[usize], wanted: &dyn Fn(At, At) -> bool) -> bool {
        (0..sizes.len()).all(|one| {
            (one + 1..sizes.len()).all(|two| {
                (0..sizes[one]).all(|left| {
                    (0..sizes[two]).all(|right| {
                        !wanted((one, left), (two, right))
                            || combos
                                .iter()
                                .any(|combo| combo[one] == left && combo[two] == right)
                    })
                })
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_pair_is_covered_and_the_array_is_always_the_same(
            sizes in prop::collection::vec(1_usize..6, 2..6),
        ) {
            let array_once = array(&sizes, Vec::new(), &|_| true);
            prop_assert!(covers(&array_once, &sizes, &|_, _| true));
            prop_assert_eq!(&array_once, &array(&sizes, Vec::new(), &|_| true));
            let product: usize = sizes.iter().product();
            prop_assert!(array_once.len() <= product);
        }

        #[test]
        fn what_is_not_allowed_never_occurs_and_the_rest_is_covered(
            sizes in prop::collection::vec(2_usize..5, 3..5),
            left in 0_usize..2,
            right in 0_usize..2,
        ) {
            let allowed = |combo: &[Option<usize>]| combo[0] != Some(left) || combo[1] != Some(right);
            let combos = array(&sizes, Vec::new(), &allowed);
            prop_assert!(combos.iter().all(|combo| combo[0] != left || combo[1] != right));
            prop_assert!(covers(&combos, &sizes, &|one, two| (one, two) != ((0, left), (1, right))));
        }
    }

    #[test]
    fn an_array_is_much_smaller_than_the_product() {
        assert!(array(&[4, 4, 4, 4, 4], Vec::new(), &|_| true).len() <= 32);
    }
}
