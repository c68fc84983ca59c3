//! The nodes of known ranges, found in one walk: looking each up from the root takes a time that
//! grows with the square of the text.

use std::collections::HashMap;
use std::ops::Range;

use big_code_analysis::tree_sitter::{Node, Tree};

/// A node and what it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Place<'t> {
    pub node: Node<'t>,
    pub parent: Option<Node<'t>>,
    /// Two levels up: of a method, what its body of declarations belongs to.
    pub owner: Option<Node<'t>>,
}

/// The innermost node of each range, in the order asked; `None` where no node is that long. The
/// ranges are in the order of their beginnings.
pub fn of<'t>(tree: &'t Tree, ranges: &[Range<usize>]) -> Vec<Option<Place<'t>>> {
    let mut places = vec![None; ranges.len()];
    let wanted: HashMap<(usize, usize), usize> = ranges
        .iter()
        .enumerate()
        .map(|(at, range)| ((range.start, range.end), at))
        .collect();
    // Only where one of them begins is there anything to see.
    let begins_in = |range: &Range<usize>| {
        let at = ranges.partition_point(|wanted| wanted.start < range.start);
        ranges
            .get(at)
            .is_some_and(|wanted| wanted.start < range.end)
    };
    let mut above: Vec<Node<'t>> = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let range = node.byte_range();
        let found = wanted.get(&(range.start, range.end));
        if let Some(place) = found.and_then(|&at| places.get_mut(at)) {
            let up = above.len().checked_sub(2);
            let owner = up.and_then(|at| above.get(at)).copied();
            *place = Some(Place {
                node,
                parent: above.last().copied(),
                owner,
            });
        }
        if begins_in(&range) && cursor.goto_first_child() {
            above.push(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return places;
            }
            above.pop();
        }
    }
}
